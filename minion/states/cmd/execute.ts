/** Runs the command of a cmd state and makes its result what Salt reports: pid, retcode, stdout, stderr. */
import { isDict, type Plain, type Value } from '../../../shared/data/value.ts'
import type { Changer } from '../../system/changer.ts'
import type { CommandOptions, CommandResult, Reader } from '../../system/reader.ts'
import {
  type Applied,
  type Decision,
  drift,
  failed,
  type PredictedChange,
  type StateRun,
} from '../contract.ts'
import { given } from '../given.ts'
import { readStatefulReport } from './stateful.ts'

export interface CommandWish {
  readonly name: string
  readonly cwd?: string
  readonly runas?: string
  readonly group?: string | number
  readonly shell?: string
  readonly env?: Readonly<Record<string, string>>
  readonly prepend_path?: readonly string[]
  readonly umask?: number
  readonly stdin?: string
  readonly timeout?: number
  readonly success_retcodes?: readonly number[]
  readonly success_stdout?: readonly string[]
  readonly success_stderr?: readonly string[]
  readonly stateful?: Value
  readonly hide_output: boolean
  readonly output_loglevel?: string
}

/** What a dry run can say: the keys of the real result, whose values nobody knows before. */
export const unknownResult: Plain = { pid: null, retcode: null, stdout: null, stderr: null }

/** @param run the command with its options; cmd.script first puts the script in place */
export async function commandDecision(
  wish: CommandWish,
  look: Reader,
  state: StateRun,
  run: (act: Changer, options: CommandOptions) => Promise<CommandResult> = (act, options) =>
    act.commands.run(wish.name, options),
): Promise<Decision> {
  const obstacle = await obstacleTo(wish, look, state)
  if (obstacle !== undefined) return failed(obstacle)
  return drift(
    unknownResult,
    { would: `Command "${wish.name}" would have been executed`, done: `Command "${wish.name}" run` },
    async (act) => report(wish, await run(act, optionsOf(wish))),
  )
}

async function obstacleTo(wish: CommandWish, look: Reader, run: StateRun): Promise<string | undefined> {
  const { cwd, runas } = wish
  if (
    cwd !== undefined &&
    !mayCome(run, (change) => change.state === 'file' && areRelated(cwd, change.name))
  ) {
    const info = await look.files.infoFollowed(cwd)
    if (info?.type !== 'directory') return `Desired working directory "${cwd}" is not available`
  }
  if (runas !== undefined && !mayCome(run, () => false) && !(await look.accounts.user(runas)))
    return `The user ${runas}, whom the command is to run as, does not exist`
  return undefined
}

/** In a dry run: an earlier state may bring what is missing. Packages and commands may bring anything. */
function mayCome(run: StateRun, brings: (change: PredictedChange) => boolean): boolean {
  const anything = ['pkg', 'cmd', 'user']
  return run.test && run.predicted.some((change) => anything.includes(change.state) || brings(change))
}

/** One is the other, or is above it. */
const areRelated = (a: string, b: string): boolean =>
  `${a}/`.startsWith(`${b}/`) || `${b}/`.startsWith(`${a}/`)

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

function optionsOf(wish: CommandWish): CommandOptions {
  const path = wish.prepend_path && [...wish.prepend_path, wish.env?.PATH ?? defaultPath].join(':')
  const env = path === undefined ? wish.env : { ...wish.env, PATH: path }
  return given({
    cwd: wish.cwd,
    runas: wish.runas,
    group: wish.group === undefined ? undefined : String(wish.group),
    shell: wish.shell,
    env,
    umask: wish.umask,
    stdin: wish.stdin,
    timeout: wish.timeout === undefined ? undefined : wish.timeout * 1000,
  })
}

function report(wish: CommandWish, result: CommandResult): Applied {
  const hidden = wish.hide_output || wish.output_loglevel === 'quiet'
  const changes = {
    pid: result.pid,
    retcode: result.code,
    stdout: hidden ? '' : outputOf(result.stdout, result.dropped),
    stderr: hidden ? '' : outputOf(result.stderr, 0),
  }
  if (result.timedOut)
    return {
      ok: false,
      changes,
      comment: `Command "${wish.name}" timed out after ${wish.timeout} seconds and was ended`,
    }
  const ok = isSuccess(wish, result)
  if (
    wish.stateful === undefined ||
    wish.stateful === false ||
    (isDict(wish.stateful) && wish.stateful.size === 0)
  )
    return { ok, changes, comment: `Command "${wish.name}" run` }
  return readStatefulReport(wish.name, ok, result.stdout, changes)
}

function outputOf(text: string, dropped: number): string {
  const trimmed = text.replace(/\n+$/, '')
  return dropped > 0 ? `${trimmed}\n… ${dropped} more bytes were dropped` : trimmed
}

function isSuccess(wish: CommandWish, { code, stdout, stderr }: CommandResult): boolean {
  const bare = (text: string): string => text.replace(/\n+$/, '')
  return (
    code === 0 ||
    (wish.success_retcodes?.includes(code) ?? false) ||
    (wish.success_stdout?.includes(bare(stdout)) ?? false) ||
    (wish.success_stderr?.includes(bare(stderr)) ?? false)
  )
}
