/** Calls of supervisorctl: which processes it knows, and what it says. */
import { setTimeout as wait } from 'node:timers/promises'
import type { CommandOptions, CommandResult, Reader } from '../../system/reader.ts'
import { type Decision, type StateRun, unknown } from '../contract.ts'
import { given } from '../given.ts'
import { requireProgram } from '../required-program.ts'
import { supervisorctlOf, supervisorWords } from './supervisorctl.ts'

export interface Supervised {
  readonly user?: string
  readonly conf_file?: string
  readonly bin_env?: string
}

/** Process, or `group:process`, → `RUNNING`, `STOPPED`, `FATAL`, … */
export type Processes = ReadonlyMap<string, string>

const states = 'STOPPED|STARTING|RUNNING|BACKOFF|STOPPING|EXITED|FATAL|UNKNOWN'

export function parseStatus(printed: string): Processes {
  const found = new Map<string, string>()
  for (const [, name = '', state = ''] of printed.matchAll(new RegExp(`^(\\S+)\\s+(${states})\\b`, 'gm')))
    found.set(name, state)
  return found
}

export const optionsOf = ({ user }: Supervised): CommandOptions => given({ runas: user, timeout: 300_000 })

/** `supervisorctl -c FILE VERB …` */
export async function commandOf(
  wanted: Supervised,
  look: Reader,
  ...words: readonly string[]
): Promise<string[]> {
  return [await supervisorctlOf(wanted.bin_env, look), ...supervisorWords(wanted.conf_file), ...words]
}

/** @returns a decision where supervisorctl is missing or its daemon does not answer */
export async function processesNow(
  wanted: Supervised,
  look: Reader,
  run: StateRun,
): Promise<Processes | Decision> {
  const program = await supervisorctlOf(wanted.bin_env, look)
  const exists = program.startsWith('/') && (await look.files.infoFollowed(program))
  const lacking = exists ? undefined : await requireProgram({ program, package: 'supervisor' }, look, run)
  if (lacking) return lacking
  const result = await statusOf(wanted, look, run.test ? 0 : patience)
  const trouble = troubleOf(result)
  if (trouble === undefined) return parseStatus(result.stdout)
  const starter =
    run.test && run.predicted.find(({ state }) => ['service', 'pkg', 'cmd', 'file'].includes(state))
  if (starter)
    return unknown(
      `supervisor does not answer yet; ${starter.state}.${starter.fun} ${starter.id} may start it`,
    )
  return {
    kind: 'failed',
    comment: `supervisor does not answer: ${trouble}\n  hint: Is it running (service.running: supervisor), and is conf_file the one that it was started with?`,
  }
}

/** Milliseconds for a daemon that runs but has not made its socket yet, and between two looks. */
const patience = 10_000
const pause = 200

/** systemd calls supervisor active as soon as it has a process; its socket comes a moment later. */
async function statusOf(wanted: Supervised, look: Reader, left: number): Promise<CommandResult> {
  const result = await look.commands.query(await commandOf(wanted, look, 'status'), optionsOf(wanted))
  const isMute = /no such file|refused connection/.test(troubleOf(result) ?? '')
  if (!isMute || left <= 0 || !(await isStarted(look))) return result
  await wait(pause)
  return statusOf(wanted, look, left - pause)
}

/** Debian's name of the service, and that of Red Hat and of pip's users. */
async function isStarted(look: Reader): Promise<boolean> {
  const found = await look.services.states(['supervisor', 'supervisord'], { fresh: true })
  return [...found.values()].some(({ running }) => running)
}

/** It ends with 3 or 4 where a process is stopped, so what it prints counts. */
function troubleOf({ code, stdout, stderr }: CommandResult): string | undefined {
  const said = `${stdout}\n${stderr}`.trim()
  if (code === 0 || parseStatus(stdout).size > 0) return undefined
  const isEmpty = said === '' && code < 5
  return isEmpty ? undefined : said || `it ended with ${code}`
}

/** What a verb of supervisorctl complained of; that something is so already is no trouble. */
export function complaint({ code, stdout, stderr }: CommandResult): string | undefined {
  const said = `${stdout}\n${stderr}`.trim()
  if (/ERROR/.test(said))
    return /already started|not running|process group already active/.test(said) ? undefined : said
  return code === 0 ? undefined : said || `it ended with ${code}`
}

export const isProcesses = (found: Processes | Decision): found is Processes => found instanceof Map
