/** tsalt-call: one function on this machine, through the running daemon, a connection of its own, or without a master. */

import { readFileSync, writeFileSync } from 'node:fs'
import type { Logger } from 'pino'
import { parseArguments } from '../../shared/cli-arguments/parse.ts'
import { askSaltCompat } from '../../shared/cli-arguments/salt-compat.ts'
import { systemClock } from '../../shared/clock.ts'
import { encodeValue, type Json } from '../../shared/data/codec.ts'
import { type Dict, type Plain, toValue } from '../../shared/data/value.ts'
import { describeError, isTsaltError, TsaltError } from '../../shared/errors/error.ts'
import { isLogLevel, makeLogger } from '../../shared/log.ts'
import { Redactor } from '../../shared/pillar/redactor.ts'
import type { JobReturn } from '../../shared/protocol/messages/job-return.ts'
import { version } from '../../shared/version.ts'
import type { LocalCall } from '../services/local-messages.ts'
import { callExitCode } from './call-exit-code.ts'
import { type CallOptions, callWords, checkOutputWords, showResult } from './call-words.ts'
import { laterCallWords } from './later-words.ts'
import { callHere } from './local-call.ts'
import { callDaemon } from './local-client.ts'
import { type MinionConfig, readConfig } from './minion-config.ts'
import { helpText, readWords } from './words.ts'

const usage = 'tsalt-call [options] MODULE.FUNCTION [argument …] [name=value …]'
const summary =
  'Calls a function on this machine. A running tsalt-minion runs it; without one, a connection of its own is made.'

async function main(typed: readonly string[]): Promise<number> {
  const { options: given, rest } = readWords(withInput(typed), callWords, laterCallWords)
  if (given.help !== undefined) return say(helpText(usage, summary, callWords))
  if (given.version !== undefined) return say(`tsalt-call ${version}\n`)
  if (given.versions !== undefined)
    return say((await import('../../shared/versions-report.ts')).versionsReport())
  checkOutputWords(given)
  if (given.configDump !== undefined) return say(await configText(readConfig(given, overridesOf(given))))
  const call = callOf(functionWords(given, rest), given)
  const config = readConfig(given, overridesOf(given))
  const result = await runWhereItBelongs(call, config, given)
  const terminal = process.stdout.isTTY === true
  show(showResult({ result, call, id: config.id, words: given, options: config.options, terminal }), given)
  return callExitCode(result, given.retcodePassthrough !== undefined)
}

/** `--args-stdin`: each line of standard input is a further option or argument. */
function withInput(typed: readonly string[]): readonly string[] {
  const end = typed.indexOf('--')
  const at = typed.indexOf('--args-stdin')
  if (at < 0 || (end >= 0 && at > end)) return typed
  const lines = readFileSync(0, 'utf8').split('\n')
  if (lines.at(-1) === '') lines.pop()
  return [...typed, ...lines.map((line) => line.replace(/\r$/, ''))]
}

/** On standard output, or in the file of --out-file. @throws TsaltError `usage-wrong` */
function show(text: string, { outFile, outFileAppend }: CallOptions): void {
  if (outFile === undefined) {
    process.stdout.write(text)
    return
  }
  try {
    writeFileSync(outFile, text, { flag: outFileAppend === undefined ? 'w' : 'a', mode: 0o600 })
  } catch (error) {
    const reason = `Cannot write ${outFile}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`
    throw new TsaltError('usage-wrong', { reason }, { cause: error })
  }
}

async function configText({ options }: MinionConfig): Promise<string> {
  const { withoutSecrets } = await import('../../shared/pillar/without-secrets.ts')
  const { yamlText } = await import('../../shared/output/yaml-text.ts')
  return yamlText(withoutSecrets(toValue(options as Plain) as Dict))
}

/** `-g` and `-d test.ping` are short for functions. */
function functionWords({ grains, doc }: CallOptions, rest: readonly string[]): readonly string[] {
  if (doc !== undefined) return ['sys.doc', ...rest]
  return grains === undefined ? rest : ['grains.items', ...rest]
}

/** @throws TsaltError `usage-wrong`, `usage-function-invalid` */
function callOf([fun, ...words]: readonly string[], { saltCompat, noParse = '' }: CallOptions): LocalCall {
  if (fun === undefined)
    throw new TsaltError('usage-wrong', { reason: 'No function was given' }, { hint: `Usage: ${usage}` })
  if (!/^[a-z_]\w*\.[a-z_]\w*$/i.test(fun)) throw new TsaltError('usage-function-invalid', { fun })
  const { args, kwargs } = parseArguments(words, fun, noParse.split(','))
  if (saltCompat !== undefined) askSaltCompat(fun, kwargs)
  const encoded: Record<string, Json> = {}
  for (const [name, value] of kwargs) encoded[String(name)] = encodeValue(value)
  return { fun, args: args.map(encodeValue), kwargs: encoded }
}

function overridesOf(given: CallOptions): Record<string, unknown> {
  return {
    ...(given.local === undefined ? {} : { file_client: 'local' }),
    ...(given.fileRoot === undefined ? {} : { file_roots: { base: [given.fileRoot] } }),
    ...(given.master === undefined ? {} : { master: given.master }),
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
  const log = openLog(config, given, redact)
  const abort = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => abort.abort(abort.signal.aborted ? 'KILL' : 'TERM'))
  const parts = { clock: systemClock, log, signal: abort.signal, redactor }
  if (options.file_client === 'local') return callHere(config, call, parts)
  if (given.id === undefined && given.master === undefined) {
    if (given.refreshGrains !== undefined)
      await callDaemon(options.state_dir, refreshGrains, () => {}, abort.signal)
    const finished = await callDaemon(options.state_dir, call, () => {}, abort.signal)
    if (finished) return finished.result
  }
  const { callThroughMaster } = await import('./master-call.ts')
  return callThroughMaster(config, call, parts, patienceOf(given))
}

const refreshGrains: LocalCall = { fun: 'saltutil.refresh_grains', args: [], kwargs: {} }

/** Milliseconds. @throws TsaltError `usage-wrong` */
function patienceOf({ timeout = '30' }: CallOptions): number {
  if (/^[1-9]\d{0,5}$/.test(timeout)) return Number(timeout) * 1000
  throw new TsaltError('usage-wrong', { reason: `"${timeout}" is no number of seconds` })
}

/** @throws TsaltError `usage-wrong` */
function openLog({ options }: MinionConfig, given: CallOptions, redact: (line: string) => string): Logger {
  const { logFile, logFileLevel = options.log_level } = given
  const level = options.log_level
  const common = { name: 'tsalt-call', clock: systemClock, level, to: 'stderr', redact, forPeople: true }
  if (logFile === undefined) return makeLogger(common)
  if (!isLogLevel(logFileLevel))
    throw new TsaltError('usage-wrong', { reason: `There is no level "${logFileLevel}" of a log` })
  try {
    return makeLogger({ ...common, alsoTo: { path: logFile, level: logFileLevel } })
  } catch (error) {
    const reason = `Cannot write ${logFile}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`
    throw new TsaltError('usage-wrong', { reason }, { cause: error })
  }
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
