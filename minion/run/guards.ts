/**
 * `onlyif`, `unless`, `creates`: whether a state is skipped. A dry run runs no guard that could change something;
 * where only such a guard would tell, the answer is unknown.
 */
import { type Dict, isDict, isList, type Value } from '../../shared/data/value.ts'
import type { LowChunk } from '../../shared/sls/low.ts'
import type { ModuleContext } from '../modules/contract.ts'
import type { CommandOptions, Reader } from '../system/reader.ts'
import { callFunction } from './call-function.ts'
import { cannotTell, type StateOutcome } from './outcome.ts'
import { isPureCommand } from './pure-command.ts'

type Verdict = boolean | 'unknown'

export interface GuardContext {
  readonly look: Reader
  readonly module: ModuleContext
  readonly test: boolean
}

/** @returns the outcome of a state that a guard keeps from running; undefined: it may run. */
export async function guardOutcome(
  chunk: LowChunk,
  context: GuardContext,
): Promise<StateOutcome | undefined> {
  const { globals } = chunk
  const options = commandOptions(chunk)
  const onlyif = globals.has('onlyif') ? await all(globals.get('onlyif') ?? null, options, context) : true
  if (onlyif === false) return held('onlyif condition is false')
  const unless = globals.has('unless') ? await all(globals.get('unless') ?? null, options, context) : false
  if (unless === true) return held('unless condition is true')
  if (globals.has('creates')) {
    const paths = asList(globals.get('creates') ?? null).map(String)
    const there = await Promise.all(
      paths.map(async (path) => (await context.look.files.infoFollowed(path)) !== undefined),
    )
    if (paths.length > 0 && there.every(Boolean)) {
      return held(paths.length === 1 ? `${paths[0]} exists` : 'All files in creates exist')
    }
  }
  if (onlyif === 'unknown' || unless === 'unknown') {
    return cannotTell(
      `its ${onlyif === 'unknown' ? 'onlyif' : 'unless'} runs a command, and a dry run does not run it`,
    )
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

/** True where every condition is; unknown where none is false and one can't be told. */
async function all(conditions: Value, options: CommandOptions, context: GuardContext): Promise<Verdict> {
  let verdict: Verdict = true
  for (const condition of asList(conditions)) {
    const one = await holds(condition, options, context)
    if (one === false) return false
    if (one === 'unknown') verdict = 'unknown'
  }
  return verdict
}

async function holds(condition: Value, options: CommandOptions, context: GuardContext): Promise<Verdict> {
  if (isDict(condition)) return functionHolds(condition, context)
  if (typeof condition === 'boolean') return condition
  const command = String(condition)
  if (context.test && !isPureCommand(command)) return 'unknown'
  return (await context.look.commands.guard(command, options)).code === 0
}

async function functionHolds(condition: Dict, context: GuardContext): Promise<Verdict> {
  const fun = String(condition.get('fun') ?? '')
  if (context.test && !context.module.services.functions.find(fun)?.readOnly) return 'unknown'
  const { value, retcode } = await callFunction(fun, condition, context.module)
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

/** Guards run as the state's own commands would: same directory, user, environment. */
export function commandOptions(chunk: LowChunk): CommandOptions {
  const read = (name: string): Value | undefined => chunk.args.get(name) ?? chunk.globals.get(name)
  const cwd = read('cwd')
  const runas = read('runas') ?? (chunk.state === 'cmd' ? read('user') : undefined)
  const shell = read('shell')
  const umask = read('umask')
  const timeout = read('timeout')
  const env = environmentOf(read('env') ?? null)
  return {
    ...(typeof cwd === 'string' ? { cwd } : {}),
    ...(typeof runas === 'string' ? { runas } : {}),
    ...(typeof shell === 'string' && !shell.endsWith('nologin') ? { shell } : {}),
    ...(umask === undefined ? {} : { umask: Number.parseInt(String(umask), 8) }),
    ...(typeof timeout === 'number' ? { timeout: timeout * 1000 } : {}),
    ...(env ? { env } : {}),
  }
}

/** A mapping, or Salt's list of one-key mappings. */
function environmentOf(value: Value): Record<string, string> | undefined {
  const entries: [string, string][] = []
  for (const part of isDict(value) ? [value] : asList(value)) {
    if (isDict(part)) for (const [name, text] of part) entries.push([String(name), String(text)])
  }
  return entries.length > 0 ? Object.fromEntries(entries) : undefined
}
