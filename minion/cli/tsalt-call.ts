/** tsalt-call: one function on this machine, through the running daemon, a connection of its own, or without a master. */

import { parseArguments } from '../../shared/cli-arguments/parse.ts'
import { askSaltCompat } from '../../shared/cli-arguments/salt-compat.ts'
import { systemClock } from '../../shared/clock.ts'
import { encodeValue, type Json } from '../../shared/data/codec.ts'
import { describeError, isTsaltError, TsaltError } from '../../shared/errors/error.ts'
import { makeLogger } from '../../shared/log.ts'
import { Redactor } from '../../shared/pillar/redactor.ts'
import type { JobReturn } from '../../shared/protocol/messages/job-return.ts'
import { version } from '../../shared/version.ts'
import type { LocalCall } from '../services/local-messages.ts'
import { callExitCode } from './call-exit-code.ts'
import { type CallOptions, callWords, checkOutputWords, showResult } from './call-words.ts'
import { callHere } from './local-call.ts'
import { callDaemon } from './local-client.ts'
import { type MinionConfig, readConfig } from './minion-config.ts'
import { helpText, readWords } from './words.ts'

const usage = 'tsalt-call [options] MODULE.FUNCTION [argument …] [name=value …]'
const summary =
  'Calls a function on this machine. A running tsalt-minion runs it; without one, a connection of its own is made.'

async function main(words: readonly string[]): Promise<number> {
  const { options: given, rest } = readWords(words, callWords)
  if (given.help !== undefined) return say(helpText(usage, summary, callWords))
  if (given.version !== undefined) return say(`tsalt-call ${version}\n`)
  checkOutputWords(given)
  const call = callOf(functionWords(given, rest), given.saltCompat !== undefined)
  const config = readConfig(given, overridesOf(given))
  const result = await runWhereItBelongs(call, config, given)
  const terminal = process.stdout.isTTY === true
  process.stdout.write(showResult({ result, words: given, options: config.options, terminal }))
  return callExitCode(result, given.retcodePassthrough !== undefined)
}

/** `-g` and `-d test.ping` are short for functions. */
function functionWords({ grains, doc }: CallOptions, rest: readonly string[]): readonly string[] {
  if (doc !== undefined) return ['sys.doc', ...rest]
  return grains === undefined ? rest : ['grains.items', ...rest]
}

/** @throws TsaltError `usage-wrong`, `usage-function-invalid` */
function callOf([fun, ...words]: readonly string[], saltCompat: boolean): LocalCall {
  if (fun === undefined)
    throw new TsaltError('usage-wrong', { reason: 'No function was given' }, { hint: `Usage: ${usage}` })
  if (!/^[a-z_]\w*\.[a-z_]\w*$/i.test(fun)) throw new TsaltError('usage-function-invalid', { fun })
  const { args, kwargs } = parseArguments(words, fun)
  if (saltCompat) askSaltCompat(fun, kwargs)
  const encoded: Record<string, Json> = {}
  for (const [name, value] of kwargs) encoded[String(name)] = encodeValue(value)
  return { fun, args: args.map(encodeValue), kwargs: encoded }
}

function overridesOf(given: CallOptions): Record<string, unknown> {
  return {
    ...(given.local === undefined ? {} : { file_client: 'local' }),
    ...(given.fileRoot === undefined ? {} : { file_roots: { base: [given.fileRoot] } }),
    ...(given.pillarRoot === undefined ? {} : { pillar_roots: { base: [given.pillarRoot] } }),
  }
}

async function runWhereItBelongs(
  call: LocalCall,
  config: MinionConfig,
  given: CallOptions,
): Promise<JobReturn> {
  const { options } = config
  const redactor = new Redactor()
  const redact = (line: string): string => redactor.text(line)
  const to = { level: options.log_level, to: 'stderr', redact, forPeople: true }
  const log = makeLogger({ name: 'tsalt-call', clock: systemClock, ...to })
  const abort = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => abort.abort(abort.signal.aborted ? 'KILL' : 'TERM'))
  const parts = { clock: systemClock, log, signal: abort.signal, redactor }
  if (options.file_client === 'local') return callHere(config, call, parts)
  if (given.id === undefined) {
    const finished = await callDaemon(options.state_dir, call, () => {}, abort.signal)
    if (finished) return finished.result
  }
  const { callThroughMaster } = await import('./master-call.ts')
  return callThroughMaster(config, call, parts)
}

/** What keeps a call from its master, where the states of this machine may be all that was meant. */
const noMaster: ReadonlySet<string> = new Set([
  'master-not-pinned',
  'master-unreachable',
  'minion-not-connected',
])

function say(text: string): number {
  process.stdout.write(text)
  return 0
}

/** A pipe takes 64 KB at a time; what it has not taken yet would end with the process. */
function end(code: number): void {
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)))
}

for (const stream of [process.stdout, process.stderr]) {
  // Whoever read it has seen enough.
  stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 74))
}

main(process.argv.slice(2)).then(end, (error: unknown) => {
  const internal = !isTsaltError(error) && error instanceof Error
  process.stderr.write(`ERROR: ${internal ? (error.stack ?? error.message) : describeError(error)}\n`)
  if (isTsaltError(error) && noMaster.has(error.code))
    process.stderr.write('  Without a daemon and a master: tsalt-call --local\n')
  end(isTsaltError(error) ? error.exitCode : 70)
})
