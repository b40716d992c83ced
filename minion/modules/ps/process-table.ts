/** Processes as /proc shows them. */
import { TsaltError } from '../../../shared/errors/error.ts'
import type { Reader } from '../../system/reader.ts'

export interface Process {
  readonly pid: number
  readonly ppid: number
  readonly name: string
  readonly state: string
  readonly uid: number
  readonly command: readonly string[]
  /** Seconds of work, by the process itself and for it. */
  readonly user: number
  readonly system: number
  /** Seconds since the epoch. */
  readonly started: number
  /** Bytes. */
  readonly resident: number
  readonly virtual: number
  readonly threads: number
}

const ticks = 100
const pageSize = 4096

async function textOf(look: Reader, path: string): Promise<string | undefined> {
  try {
    return Buffer.from(await look.files.read(path)).toString('utf8')
  } catch {
    // It ended in the meantime.
    return undefined
  }
}

export async function bootTime(look: Reader): Promise<number> {
  return Number(/^btime (\d+)$/m.exec((await textOf(look, '/proc/stat')) ?? '')?.[1] ?? 0)
}

/** undefined: there is no such process. */
export async function processOf(pid: number, look: Reader, boot: number): Promise<Process | undefined> {
  const stat = await textOf(look, `/proc/${pid}/stat`)
  const status = await textOf(look, `/proc/${pid}/status`)
  const command = await textOf(look, `/proc/${pid}/cmdline`)
  const match = /^\d+ \((.*)\) (\S) (.*)$/s.exec(stat ?? '')
  if (!match || status === undefined) return undefined
  const [, name = '', state = '', rest = ''] = match
  const fields = rest.trim().split(' ').map(Number)
  const at = (index: number): number => fields[index] ?? 0
  return {
    pid,
    name,
    state,
    ppid: at(0),
    uid: Number(/^Uid:\s+(\d+)/m.exec(status)?.[1] ?? 0),
    command: (command ?? '').split('\0').filter((word) => word !== ''),
    user: at(10) / ticks,
    system: at(11) / ticks,
    threads: at(16),
    started: boot + at(18) / ticks,
    virtual: at(19),
    resident: at(20) * pageSize,
  }
}

export async function processIds(look: Reader): Promise<number[]> {
  return (await look.files.list('/proc'))
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b)
}

export async function processes(look: Reader): Promise<Process[]> {
  const boot = await bootTime(look)
  const found = await Promise.all((await processIds(look)).map((pid) => processOf(pid, look, boot)))
  return found.filter((process) => process !== undefined)
}

/** @throws TsaltError `function-failed` */
export async function theProcess(fun: string, pid: number, look: Reader): Promise<Process> {
  const found = await processOf(pid, look, await bootTime(look))
  if (!found) throw new TsaltError('function-failed', { fun, reason: `there is no process ${pid}` })
  return found
}

/** As pgrep tells them apart: by name, or by the whole command line. */
export async function matching(
  { pattern, user, full }: { readonly pattern: string; readonly user?: string; readonly full: boolean },
  look: Reader,
): Promise<Process[]> {
  const uid = user === undefined ? undefined : (await look.accounts.user(user))?.uid
  if (user !== undefined && uid === undefined) return []
  return (await processes(look)).filter(
    (process) =>
      process.pid !== globalThis.process.pid &&
      (uid === undefined || process.uid === uid) &&
      (full ? process.command.join(' ') : process.name).includes(pattern),
  )
}
