/**
 * `onlyif`, `unless`, `creates`: whether a state is skipped. A dry run runs no guard that could change something;
 * where only such a guard would tell, the answer is unknown.
 */
import { type Dict, isDict, isList, type Value } from '../../shared/data/value.ts'
import { describeError } from '../../shared/errors/error.ts'
import { cannotTell, type StateOutcome } from '../../shared/run/outcome.ts'
import type { LowChunk } from '../../shared/sls/low.ts'
import type { ModuleContext } from '../modules/contract.ts'
import type { CommandOptions, Reader } from '../system/reader.ts'
import { callFunction } from './call-function.ts'
import { isPureCommand } from './pure-command.ts'
import { resolveValue, SlotUnknown } from './resolve-slots.ts'

/** What a dry run does not try, as a sentence that goes on from "its unless"; or could not try. */
class NotTried {
  readonly reason: string
  constructor(reason: string) {
    this.reason = reason
  }
}

type Verdict = boolean | NotTried

export interface GuardContext {
  readonly look: Reader
  readonly module: ModuleContext
  /** The whole run is a dry run. */
  readonly test: boolean
}

/** Why a condition that could not be tried counts as not met (onlyif) or met (unless): either way the state is skipped. */
interface Condition {
  readonly word: 'onlyif' | 'unless'
  readonly verdict: Verdict
  /** Of what could not be tried. */
  readonly error: string | undefined
}

/** @returns the outcome of a state that a guard keeps from running; undefined: it may run. */
export async function guardOutcome(
  chunk: LowChunk,
  context: GuardContext,
): Promise<StateOutcome | undefined> {
  const { globals } = chunk
  const onlyif = globals.has('onlyif') ? await condition('onlyif', chunk, context) : undefined
  if (onlyif?.verdict === false) return held(commentOf(onlyif, 'onlyif condition is false'))
  const unless = globals.has('unless') ? await condition('unless', chunk, context) : undefined
  if (unless?.verdict === true) {
    const both = onlyif?.verdict === true ? 'onlyif condition is true\n' : ''
    return held(both + commentOf(unless, 'unless condition is true'))
  }
  const created = globals.has('creates') ? await createdAlready(chunk, context) : undefined
  if (created !== undefined) return held(created)
  for (const one of [onlyif, unless]) {
    if (one?.verdict instanceof NotTried) return cannotTell(`its ${one.word} ${one.verdict.reason}`)
  }
  return undefined
}

const held = (comment: string): StateOutcome => ({
  result: true,
  comment,
  changes: {},
  ran: true,
  skipWatch: true,
})

const commentOf = ({ error }: Condition, usual: string): string =>
  error === undefined ? usual : `${usual}: ${error}`

async function createdAlready(chunk: LowChunk, { look }: GuardContext): Promise<string | undefined> {
  const paths = asList(chunk.globals.get('creates') ?? null).map(String)
  const there = await Promise.all(
    paths.map(async (path) => (await look.files.infoFollowed(path)) !== undefined),
  )
  if (paths.length === 0 || !there.every(Boolean)) return undefined
  return paths.length === 1 ? `${paths[0]} exists` : 'All files in creates exist'
}

/** True where every item is; unknown where none is false and one can't be told. */
async function condition(
  word: Condition['word'],
  chunk: LowChunk,
  context: GuardContext,
): Promise<Condition> {
  let verdict: Verdict = true
  let failed: string | undefined
  for (const item of asList(chunk.globals.get(word) ?? null)) {
    const one = await holds(item, chunk, context).catch((error: unknown): TriedInVain => {
      return new TriedInVain(describeError(error))
    })
    // In a dry run an earlier state may bring what was missing.
    if (one instanceof TriedInVain && context.test)
      verdict = new NotTried(`cannot be tried yet: ${one.reason}`)
    else if (one instanceof TriedInVain) {
      if (word === 'onlyif') return { word, verdict: false, error: one.reason }
      failed = one.reason
    } else if (one === false) return { word, verdict: false, error: undefined }
    else if (one instanceof NotTried) verdict = one
  }
  return { word, verdict, error: failed }
}

class TriedInVain {
  readonly reason: string
  constructor(reason: string) {
    this.reason = reason
  }
}

async function holds(item: Value, chunk: LowChunk, context: GuardContext): Promise<Verdict> {
  if (isDict(item)) return functionHolds(item, context)
  if (typeof item === 'boolean') return item
  const command = String(item)
  if (context.test && !isPureCommand(command)) return notInDryRun(`the command "${shortened(command)}"`)
  return runGuard(command, chunk, context.look)
}

/** Only what is known to look is run in a dry run, so this says what was not run, not that it changes anything. */
const notInDryRun = (what: string): NotTried =>
  new NotTried(`runs ${what}, which is not known to leave the machine as it is, so a dry run does not run it`)

function shortened(command: string): string {
  const line = command.trim().replace(/\s+/g, ' ')
  return line.length > 60 ? `${line.slice(0, 57)}...` : line
}

/** Runs a command that the user wrote; true: it ended with 0, or with a code that the state names as good. */
export async function runGuard(command: string, chunk: LowChunk, look: Reader): Promise<boolean> {
  const options = commandOptions(chunk)
  const root = guardOption(chunk, 'root')
  const whole =
    typeof root === 'string' ? ['chroot', root, options.shell ?? '/bin/sh', '-c', command] : command
  const { code } = await look.commands.guard(whole, options)
  return (
    code === 0 || asList(guardOption(chunk, 'success_retcodes') ?? null).some((good) => Number(good) === code)
  )
}

async function functionHolds(written: Dict, context: GuardContext): Promise<Verdict> {
  const fun = String(written.get('fun') ?? '')
  if (context.test && !context.module.services.functions.find(fun)?.readOnly) return notInDryRun(fun)
  const call: Dict = new Map(written)
  for (const [key, value] of written) {
    const resolved = await resolveValue(value, context)
    if (resolved instanceof SlotUnknown) return new NotTried(`cannot be tried: ${resolved.reason}`)
    call.set(key, resolved)
  }
  const { value, retcode } = await callFunction(fun, call, context.module)
  return retcode === 0 && truthy(value)
}

/** Python's truthiness. */
function truthy(value: Value): boolean {
  if (isDict(value)) return value.size > 0
  if (isList(value)) return value.length > 0
  return Boolean(value)
}

export function asList(value: Value): readonly Value[] {
  if (value === null) return []
  return isList(value) ? value : [value]
}

/** What the state says of its commands, unless `cmd_opts_exclude` keeps it from its guards. */
function guardOption(chunk: LowChunk, name: string): Value | undefined {
  if (asList(chunk.globals.get('cmd_opts_exclude') ?? null).includes(name)) return undefined
  return chunk.args.get(name) ?? chunk.globals.get(name)
}

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Guards run as the state's own commands would: same directory, user, environment. */
export function commandOptions(chunk: LowChunk): CommandOptions {
  const read = (name: string): Value | undefined => guardOption(chunk, name)
  const cwd = read('cwd')
  const runas = read('runas') ?? (chunk.state === 'cmd' ? read('user') : undefined)
  const shell = read('shell')
  const umask = read('umask')
  const timeout = read('timeout')
  const env = environmentOf(read('env') ?? null)
  const first = asList(read('prepend_path') ?? null).map(String)
  const path = first.length > 0 ? { PATH: [...first, env?.PATH ?? defaultPath].join(':') } : {}
  return {
    ...(typeof cwd === 'string' ? { cwd } : {}),
    ...(typeof runas === 'string' ? { runas } : {}),
    ...(typeof shell === 'string' && !shell.endsWith('nologin') ? { shell } : {}),
    ...(umask === undefined || umask === null ? {} : { umask: octal(umask) }),
    ...(typeof timeout === 'number' ? { timeout: timeout * 1000 } : {}),
    ...(env || first.length > 0 ? { env: { ...env, ...path } } : {}),
  }
}

/** `'022'`, and `22` as YAML leaves of 022. */
export const octal = (value: Value): number => Number.parseInt(String(value), 8)

/** A mapping, or Salt's list of one-key mappings. */
function environmentOf(value: Value): Record<string, string> | undefined {
  const entries: [string, string][] = []
  for (const part of isDict(value) ? [value] : asList(value)) {
    if (isDict(part)) for (const [name, text] of part) entries.push([String(name), String(text)])
  }
  return entries.length > 0 ? Object.fromEntries(entries) : undefined
}
