/**
 * One child process in a group of its own: output with a cap, and an end that is sure to come. The group gets
 * SIGTERM, and SIGKILL ten seconds later where anything of it is left; so does what descends from it and has left the
 * group. A grandchild that keeps the pipes open after the command itself has ended does not keep us waiting.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import type { Readable } from 'node:stream'
import { type EndedProcess, EndOrder, type EndSignal, endSignalOf } from './end-order.ts'
import { livingProcesses, membersOf, type ProcessEntry } from './process-tree.ts'

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

/** Ends the group, and what it has started beyond it, at the timeout or when the job is ended. */
function endOnTime(child: ChildProcess, { timeout, signal, killAfter = 10_000 }: GroupOptions) {
  let reason: 'timeout' | 'abort' | undefined
  let killTimer: NodeJS.Timeout | undefined
  let unlisten: () => void = () => undefined
  const victims = new Victims(child)
  const begin = (why: 'timeout' | 'abort', first: EndSignal) => {
    if (reason !== undefined) return
    reason = why
    victims.signal(first)
    killTimer = setTimeout(() => victims.signal('KILL'), killAfter)
  }
  const onAbort = () => {
    const order: unknown = signal?.reason
    begin('abort', endSignalOf(order))
    if (order instanceof EndOrder) unlisten = order.onHarder(() => victims.signal('KILL'))
  }
  const timer = timeout === undefined ? undefined : setTimeout(() => begin('timeout', 'TERM'), timeout)
  if (signal?.aborted) onAbort()
  else signal?.addEventListener('abort', onAbort, { once: true })
  return {
    reason: () => reason,
    /** What the command left behind has no time limit; a timeout that fires now would be a lie. */
    leaderGone: () => clearTimeout(timer),
    /** After a forced end: until nothing of it is left. Background children of a normal end may live on. */
    groupGone: async () => {
      if (reason === undefined) return
      let pause = 10
      for (let waited = 0; victims.live() && waited < killAfter + 1_000; waited += pause) {
        pause = Math.min(200, pause * 2)
        await new Promise((resolve) => setTimeout(resolve, pause))
      }
      const order: unknown = signal?.reason
      if (order instanceof EndOrder) order.note(victims.ended())
    },
    stop: () => {
      clearTimeout(timer)
      clearTimeout(killTimer)
      unlisten()
      signal?.removeEventListener('abort', onAbort)
    },
  }
}

/** What is being ended: the group as a whole, and one by one the processes that have left it. */
class Victims {
  readonly #child: ChildProcess
  readonly #seen = new Map<number, { readonly entry: ProcessEntry; signal: EndSignal }>()
  #signal: EndSignal = 'TERM'

  constructor(child: ChildProcess) {
    this.#child = child
  }

  signal(signal: EndSignal): void {
    this.#signal = signal
    const members = this.#members()
    signalGroup(this.#child, `SIG${signal}`)
    for (const entry of members) this.#strike(entry)
  }

  /** Zombies do not count: in a container whose first process reaps nobody they would be waited for in vain. */
  live(): boolean {
    const members = this.#members()
    // Begun while the others were ending.
    for (const entry of members) if (!this.#seen.has(entry.pid)) this.#strike(entry)
    if (members.length > 0) return true
    // Without /proc the signal that reaches someone has to be enough.
    return !hasProc() && signalGroup(this.#child, 0)
  }

  ended(): EndedProcess[] {
    const left = new Set(this.#members().map(({ pid }) => pid))
    return [...this.#seen.values()]
      .filter(({ entry }) => !left.has(entry.pid))
      .map(({ entry: { pid, name }, signal }) => ({ pid, name, signal }))
  }

  #strike(entry: ProcessEntry): void {
    this.#seen.set(entry.pid, { entry, signal: this.#signal })
    if (entry.group !== this.#child.pid) signalProcess(entry.pid, `SIG${this.#signal}`)
  }

  #members(): ProcessEntry[] {
    const known = [...this.#seen.values()].map(({ entry }) => entry)
    return membersOf(this.#child.pid ?? -1, livingProcesses(), known)
  }
}

const hasProc = (): boolean => existsSync('/proc/self/stat')

function signalGroup(child: ChildProcess, name: NodeJS.Signals | 0): boolean {
  // Never 0 or 1: kill(-1) would reach every process there is.
  return child.pid !== undefined && child.pid >= 2 && signalProcess(-child.pid, name)
}

function signalProcess(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    // ESRCH: nothing is left of it.
    return false
  }
}
