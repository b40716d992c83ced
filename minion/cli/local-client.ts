/** Runs a call in the daemon of this machine, over its socket; undefined where no daemon answers. */
import { createConnection, type Socket } from 'node:net'
import { join } from 'node:path'
import * as v from 'valibot'
import { TsaltError } from '../../shared/errors/error.ts'
import type { JobProgress } from '../../shared/protocol/messages/job-progress.ts'
import type { JobReturn } from '../../shared/protocol/messages/job-return.ts'
import {
  LocalAnswer,
  type LocalCall,
  onLines,
  socketName,
  withSocketPath,
} from '../services/local-messages.ts'

export interface FinishedCall {
  readonly id: string
  readonly result: JobReturn
}

/** @throws TsaltError `local-call-failed`, `state-directory-unusable` where its socket may not be used */
export async function callDaemon(
  stateFolder: string,
  call: LocalCall,
  progress: (progress: JobProgress) => void,
  signal: AbortSignal,
): Promise<FinishedCall | undefined> {
  const socket = await connect(stateFolder)
  if (!socket) return undefined
  // Going away cancels the job.
  signal.addEventListener('abort', () => socket.destroy(), { once: true })
  socket.write(`${JSON.stringify(call)}\n`)
  return new Promise((resolve, reject) => {
    socket.once('close', () => reject(new TsaltError('local-call-failed', { reason: 'it went away' })))
    onLines(socket, (line) => {
      try {
        const answer = v.parse(LocalAnswer, JSON.parse(line))
        if (answer.is === 'progress') progress(answer.progress)
        else if (answer.is === 'return') resolve({ id: answer.id, result: answer.result })
        else reject(new TsaltError('local-call-failed', { reason: answer.message }))
      } catch (error) {
        reject(error)
      }
    })
  })
}

async function connect(stateFolder: string): Promise<Socket | undefined> {
  try {
    return await withSocketPath(join(stateFolder, socketName), connected)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ENOTDIR') return undefined
    throw new TsaltError('state-directory-unusable', { folder: stateFolder, reason: code ?? String(error) })
  }
}

function connected(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path)
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      socket.on('error', () => socket.destroy())
      resolve(socket)
    })
  })
}
