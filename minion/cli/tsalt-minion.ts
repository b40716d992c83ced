/** tsalt-minion: the daemon on every machine. */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Logger } from 'pino'
import { systemClock } from '../../shared/clock.ts'
import { describeError, isTsaltError, TsaltError } from '../../shared/errors/error.ts'
import { makeLogger } from '../../shared/log.ts'
import { Redactor } from '../../shared/pillar/redactor.ts'
import { version } from '../../shared/version.ts'
import { Agent } from '../agent.ts'
import { enrolmentLines } from './enrolment-lines.ts'
import { readToken } from './join-word.ts'
import { type MinionConfig, placeWords, readConfig } from './minion-config.ts'
import { feedWatchdog, notifyService } from './service-notify.ts'
import { helpText, type OptionWord, readWords } from './words.ts'

const words = {
  join: {
    names: ['--join'],
    value: 'FILE',
    help: 'join with the one-time token in this file, or "-": the one on standard input',
  },
  ...placeWords,
} as const satisfies Record<string, OptionWord>

const usage = 'tsalt-minion [options]'
const summary = 'Connects this machine to its master and runs the jobs that come from there.'

/** Of the first line of the program, for its own allocator; what it starts is not to have them. */
const allocatorVariables = ['MALLOC_ARENA_MAX', 'MALLOC_TRIM_THRESHOLD_', 'MALLOC_MMAP_THRESHOLD_']

async function main(typed: readonly string[]): Promise<void> {
  for (const name of allocatorVariables) delete process.env[name]
  const { options: given, rest } = readWords(typed, words)
  if (given.help !== undefined) return say(helpText(usage, summary, words))
  if (given.version !== undefined) return say(`tsalt-minion ${version}\n`)
  if (given.versions !== undefined)
    return say((await import('../../shared/versions-report.ts')).versionsReport())
  if (rest[0] !== undefined)
    throw new TsaltError(
      'usage-wrong',
      { reason: `tsalt-minion takes no argument "${rest[0]}"` },
      { hint: `Usage: ${usage}` },
    )
  const config = readConfig(given, { join_token: readToken(given.join) })
  const redactor = new Redactor()
  const log = openLog(config, redactor)
  surviveSurprises(log)
  const agent = await Agent.open({
    ...config,
    clock: systemClock,
    log,
    redactor,
    enrolment: (status) => process.stderr.write(enrolmentLines(config.id, status)),
    up: () => notifyService('READY=1'),
  })
  stopOnSignals(agent, log)
  feedWatchdog()
  log.info({ id: config.id, version }, 'tsalt-minion starts')
  try {
    await agent.start()
  } catch (error) {
    await agent.stop()
    throw error
  }
}

/** @throws TsaltError `config-unreadable` */
function openLog({ options }: MinionConfig, redactor: Redactor): Logger {
  const { log_level: level, log_file: to } = options
  try {
    mkdirSync(dirname(to), { recursive: true, mode: 0o750 })
    return makeLogger({
      name: 'tsalt-minion',
      level,
      to,
      clock: systemClock,
      redact: (line) => redactor.text(line),
    })
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? describeError(error)
    throw new TsaltError('state-directory-unusable', { folder: dirname(to), reason })
  }
}

/** A fault in one job must not end those beside it; SIGUSR1 would open a debugger. */
function surviveSurprises(log: Logger): void {
  process.on('SIGUSR1', () => log.warn('SIGUSR1 is ignored'))
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'a failure that nobody waited for'))
}

function stopOnSignals(agent: Agent, log: Logger): void {
  let stopping = false
  const stop = (signal: string): void => {
    if (stopping) return
    stopping = true
    log.info({ signal }, 'tsalt-minion stops')
    notifyService('STOPPING=1')
    agent.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'stopping failed')
        process.exit(70)
      },
    )
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, stop)
}

function say(text: string): void {
  process.stdout.write(text)
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const internal = !isTsaltError(error) && error instanceof Error
  process.stderr.write(`ERROR: ${internal ? (error.stack ?? error.message) : describeError(error)}\n`)
  process.exit(isTsaltError(error) ? error.exitCode : 70)
})
