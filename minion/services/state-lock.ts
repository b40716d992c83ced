/**
 * Only one minion for each state directory: a link that names the process that holds it, and when that was started.
 * It is a symbolic link to nowhere, since that can be made on a full disk too, and in one step with its text.
 */
import { linkSync, readFileSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs'
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
  const text = `${process.pid} ${startOf(process.pid) ?? ''}`
  let stale = false
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (made(() => symlinkSync(text, lock))) {
      if (stale) crashed()
      return () => release(lock, text)
    }
    const holder = holderOf(lock)
    if (holder !== undefined && lives(holder))
      throw new TsaltError('minion-already-running', { folder, pid: holder.split(' ')[0] ?? '?' })
    if (holder !== undefined) {
      putAside(lock, `${lock}.${process.pid}.stale`, holder)
      stale = true
    }
  }
  throw new TsaltError('minion-already-running', { folder, pid: '?' })
}

/** Atomic, unlike "look, then write". */
function made(make: () => void): boolean {
  try {
    make()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Removes a stale lock; where another process took it over in between, puts that one back. */
function putAside(lock: string, aside: string, stale: string): void {
  try {
    renameSync(lock, aside)
  } catch {
    // Somebody else was faster: the next attempt sees whom.
    return
  }
  if (holderOf(aside) !== stale) made(() => linkSync(aside, lock))
  rmSync(aside, { force: true })
}

function release(lock: string, text: string): void {
  if (holderOf(lock) === text) rmSync(lock, { force: true })
}

function holderOf(lock: string): string | undefined {
  try {
    return readlinkSync(lock)
  } catch {
    // None, or a file, as somebody may have put there by hand.
    return read(lock)
  }
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
