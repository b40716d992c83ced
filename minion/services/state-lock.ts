/** Only one minion for each state directory: a file that names the process that holds it, and when that was started. */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TsaltError } from '../../shared/errors/error.ts'

const attempts = 5

/**
 * @param crashed called where its last holder did not give it back
 * @returns the function that gives the lock back
 * @throws TsaltError `minion-already-running`; a lock of a process that has gone is taken over
 */
export function lockState(folder: string, crashed: () => void = () => undefined): () => void {
  const lock = join(folder, 'lock')
  const own = join(folder, `lock.${process.pid}`)
  const text = `${process.pid} ${startOf(process.pid) ?? ''}\n`
  writeFileSync(own, text, { mode: 0o600 })
  let stale = false
  try {
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (link(own, lock)) {
        if (stale) crashed()
        return () => release(lock, text)
      }
      const holder = read(lock)
      if (holder !== undefined && lives(holder))
        throw new TsaltError('minion-already-running', { folder, pid: holder.split(' ')[0] ?? '?' })
      if (holder !== undefined) {
        putAside(lock, own, holder)
        stale = true
      }
    }
    throw new TsaltError('minion-already-running', { folder, pid: '?' })
  } finally {
    rmSync(own, { force: true })
  }
}

/** Atomic, unlike "look, then write". */
function link(own: string, lock: string): boolean {
  try {
    linkSync(own, lock)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Removes a stale lock; where another process took it over in between, puts that one back. */
function putAside(lock: string, own: string, stale: string): void {
  const aside = `${own}.stale`
  try {
    renameSync(lock, aside)
  } catch {
    // Somebody else was faster: the next attempt sees whom.
    return
  }
  if (read(aside) !== stale) link(aside, lock)
  rmSync(aside, { force: true })
}

function release(lock: string, text: string): void {
  if (read(lock) === text) rmSync(lock, { force: true })
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function lives(holder: string): boolean {
  const [pid, started] = holder.trim().split(' ')
  if (pid === undefined || !/^\d+$/.test(pid) || Number(pid) === process.pid) return false
  return startOf(Number(pid)) === (started ?? '') && started !== ''
}

/**
 * When a process was started, in clock ticks since the boot; a number used again has another. undefined: it does not
 * live, be it that nobody has collected its exit code yet.
 */
function startOf(pid: number): string | undefined {
  const stat = read(`/proc/${pid}/stat`)
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields?.[0] === 'Z' || fields?.[0] === 'X' ? undefined : fields?.[19]
}
