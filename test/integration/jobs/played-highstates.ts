/**
 * The built command line, and in place of the master a stream that plays highstates of a hundred states without change,
 * as quickly as they are taken. What is measured is the memory of the command line alone.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { answerTo } from '../../bench/swarm/answers.ts'
import { job, type Script, scriptedMaster, target, testJid } from '../../unit/master/cli/scripted-master.ts'
import { programs } from '../stage/daemon.ts'

export interface Played {
  readonly socketFolder: string
  close(): Promise<void>
}

export interface Shown {
  readonly status: number | null
  /** Of standard output. */
  readonly bytes: number
  /** Megabytes that the command line had resident at most. */
  readonly peak: number
  /** Milliseconds from the start to the end. */
  readonly wall: number
}

/** @param ids of the minions that return */
export async function playHighstates(ids: readonly string[]): Promise<Played> {
  const script: Script = ({ method, path }) => {
    if (path === '/status') return { body: {} }
    if (method === 'POST') return { status: 201, body: { jid: testJid, targets: ids, defaulted: false } }
    return { stream: (_, response) => play(response, ids) }
  }
  const master = await scriptedMaster(script)
  return { socketFolder: master.root, close: () => master.close() }
}

export const minionNames = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `s${String(index).padStart(5, '0')}`)

/**
 * Runs `tsalt '*' state.highstate` with further words. Who reads its output looks away for so many milliseconds before
 * he reads as fast as he can, as a slow `jq` does.
 */
export async function showHighstates(
  { socketFolder }: Played,
  words: readonly string[],
  looksAway: number,
  read: (chunk: Buffer) => void = () => undefined,
): Promise<Shown> {
  const argv = [join(programs, 'tsalt.cjs'), '--config-dir', socketFolder, '*', 'state.highstate', ...words]
  const from = performance.now()
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  let [peak, bytes] = [0, 0]
  const watching = setInterval(() => {
    peak = Math.max(peak, peakOf(child.pid ?? 0))
  }, 20)
  await sleep(looksAway)
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    read(chunk)
  })
  const [status] = (await closed) as [number | null]
  clearInterval(watching)
  return { status, bytes, peak, wall: performance.now() - from }
}

/** No faster than it is read. A command line that leaves is no error. */
async function play(response: ServerResponse, ids: readonly string[]): Promise<void> {
  await pipeline(Readable.from(stream(ids)), response).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  })
}

function* stream(ids: readonly string[]): Generator<string> {
  const opening = {
    type: 'job',
    job: job(
      ids.map((id) => target(id)),
      { fun: 'state.highstate' },
    ),
  }
  yield `${JSON.stringify(opening)}\n`
  for (const id of ids) yield line(id)
  yield '{"type":"end"}\n'
}

function line(id: string): string {
  const delivery = { jid: testJid, fun: 'state.highstate' } as Parameters<typeof answerTo>[0]
  const { jid: _, fun: __, ...answer } = answerTo(delivery, Math.random)
  return `${JSON.stringify({ type: 'target', target: target(id, { status: 'returned', return: answer }) })}\n`
}

/** As the kernel remembers it; 0 where it is gone. */
function peakOf(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}
