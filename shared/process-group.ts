/**
 * One child process in a group of its own: output with a cap, and an end that is sure to come. The group gets
 * SIGTERM, and SIGKILL ten seconds later where anything of it is left; a grandchild that keeps the pipes open
 * after the command itself has ended does not keep us waiting.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import type { Readable } from 'node:stream'

export interface GroupOptions {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly uid?: number
  readonly gid?: number
  readonly stdinContent?: string | Uint8Array | undefined
  /** Bytes of each stream. */
  readonly maxOutput: number
  /** Milliseconds. */
  readonly timeout?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly umask?: number | undefined
  /** Milliseconds between SIGTERM and SIGKILL, default 10 s. */
  readonly killAfter?: number
}

export interface GroupResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  readonly pid: number
  readonly timedOut: boolean
  readonly aborted: boolean
  readonly dropped: number
}

/** Milliseconds that the pipes may stay silent and open after the command has ended. */
const drainSilence = 300
/** Milliseconds after the end of the command until the pipes are closed even where data still comes. */
const drainLimit = 2_000

/** @throws the error of spawn (`ENOENT`, `EACCES`, `E2BIG`, …), where no process came to be */
export async function runGroup(argv: readonly string[], options: GroupOptions): Promise<GroupResult> {
  const child = spawnWithUmask(argv, options)
  const stdout = collect(child.stdout, options.maxOutput)
  const stderr = collect(child.stderr, options.maxOutput)
  // Listened to before the first turn of the loop: exit and error must not be missed.
  const ended = whenEnded(child)
  feed(child, options.stdinContent)
  const end = endOnTime(child, options)
  try {
    const { code, signal } = await ended
    end.leaderGone()
    await drained(child, [stdout, stderr])
    await end.groupGone()
    return {
      code: code ?? 128 + (signal ? constants.signals[signal] : 0),
      stdout: stdout.text(),
      stderr: stderr.text(),
      pid: child.pid ?? 0,
      timedOut: end.reason() === 'timeout',
      aborted: end.reason() === 'abort',
      dropped: stdout.dropped() + stderr.dropped(),
    }
  } finally {
    end.stop()
    child.stdout?.destroy()
    child.stderr?.destroy()
    child.stdin?.destroy()
  }
}

/**
 * The umask is the process's own and is inherited at the fork, which spawn does before it returns: set it, spawn,
 * set it back. Nothing else of this thread runs in between, and our own files get their mode on the descriptor.
 */
function spawnWithUmask(argv: readonly string[], options: GroupOptions): ChildProcess {
  const { stdinContent, umask, cwd, env, uid, gid } = options
  const [program = '', ...rest] = argv
  const before = umask === undefined ? undefined : process.umask(umask)
  try {
    return spawn(program, rest, {
      cwd,
      env,
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
      detached: true,
      shell: false,
      stdio: [stdinContent === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    })
  } finally {
    if (before !== undefined) process.umask(before)
  }
}

interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

function whenEnded(child: ChildProcess): Promise<Ended> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
}

function feed(child: ChildProcess, content: string | Uint8Array | undefined): void {
  // A command that ends without reading its input is not an error of ours (EPIPE).
  child.stdin?.on('error', () => undefined)
  if (content !== undefined) child.stdin?.end(content)
}

interface Collected {
  text(): string
  dropped(): number
  /** How many bytes came so far. */
  seen(): number
  /** True when the other side has closed the pipe. */
  closed(): boolean
}

function collect(stream: Readable | null, limit: number): Collected {
  const chunks: Buffer[] = []
  let kept = 0
  let seen = 0
  let closed = stream === null
  stream?.on('data', (chunk: Buffer) => {
    seen += chunk.length
    if (kept >= limit) return
    const part = chunk.subarray(0, limit - kept)
    kept += part.length
    chunks.push(part)
  })
  const finish = () => {
    closed = true
  }
  stream?.on('end', finish)
  stream?.on('close', finish)
  stream?.on('error', finish)
  const text = () => Buffer.concat(chunks).toString('utf8')
  return { text, dropped: () => seen - kept, seen: () => seen, closed: () => closed }
}

/** Waits for the ends of the pipes, but not for a grandchild that holds them open. */
async function drained(child: ChildProcess, streams: readonly Collected[]): Promise<void> {
  const step = 20
  let seen = -1
  let silent = 0
  for (let waited = 0; waited < drainLimit; waited += step) {
    if (streams.every((stream) => stream.closed())) return
    const now = streams.reduce((sum, stream) => sum + stream.seen(), 0)
    silent = now === seen ? silent + step : 0
    seen = now
    if (silent >= drainSilence) return
    await closedOrLater(child, step)
  }
}

function closedOrLater(child: ChildProcess, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      child.off('close', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    child.once('close', done)
  })
}

/** Ends the group at the timeout or when the job is ended. */
function endOnTime(child: ChildProcess, { timeout, signal, killAfter = 10_000 }: GroupOptions) {
  let reason: 'timeout' | 'abort' | undefined
  let killTimer: NodeJS.Timeout | undefined
  const begin = (why: 'timeout' | 'abort', first: NodeJS.Signals) => {
    if (reason !== undefined) return
    reason = why
    signalGroup(child, first)
    killTimer = setTimeout(() => signalGroup(child, 'SIGKILL'), killAfter)
  }
  const onAbort = () => begin('abort', signal?.reason === 'KILL' ? 'SIGKILL' : 'SIGTERM')
  const timer = timeout === undefined ? undefined : setTimeout(() => begin('timeout', 'SIGTERM'), timeout)
  if (signal?.aborted) onAbort()
  else signal?.addEventListener('abort', onAbort, { once: true })
  return {
    reason: () => reason,
    /** What the command left behind has no time limit; a timeout that fires now would be a lie. */
    leaderGone: () => clearTimeout(timer),
    /** After a forced end: until nothing of the group is left. Background children of a normal end may live on. */
    groupGone: async () => {
      for (
        let waited = 0;
        reason !== undefined && groupLives(child) && waited < killAfter + 1_000;
        waited += 25
      ) {
        await new Promise((resolve) => setTimeout(resolve, 25))
      }
    },
    stop: () => {
      clearTimeout(timer)
      clearTimeout(killTimer)
      signal?.removeEventListener('abort', onAbort)
    },
  }
}

function signalGroup(child: ChildProcess, name: NodeJS.Signals | 0): boolean {
  // Never 0 or 1: kill(-1) would reach every process there is.
  if (child.pid === undefined || child.pid < 2) return false
  try {
    return process.kill(-child.pid, name)
  } catch {
    // ESRCH: nothing is left of the group.
    return false
  }
}

/** Zombies do not count: in a container whose first process reaps nobody they would be waited for in vain. */
function groupLives(child: ChildProcess): boolean {
  return signalGroup(child, 0) && hasLivingMember(child.pid ?? 0)
}

function hasLivingMember(group: number): boolean {
  try {
    return readdirSync('/proc').some((name) => /^\d+$/.test(name) && livesIn(name, group))
  } catch {
    // No /proc: the signal that reached someone has to be enough.
    return true
  }
}

function livesIn(pid: string, group: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The program's name stands in parentheses and may hold anything, so what counts begins after the last one.
    const [state, , pgrp] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return Number(pgrp) === group && state !== 'Z' && state !== 'X'
  } catch {
    // It ended while the list was read.
    return false
  }
}
