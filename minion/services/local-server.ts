/** The daemon's Unix socket (0600): jobs from this machine, for root or whoever runs the minion. */
import { chmodSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Logger } from 'pino'
import * as v from 'valibot'
import { describeError } from '../../shared/errors/error.ts'
import type { JobRunner } from '../jobs/job-runner.ts'
import { type LocalAnswer, LocalCall, socketName, withSocketPath } from './local-messages.ts'

export interface LocalServerParts {
  readonly stateFolder: string
  readonly id: string
  readonly jobs: Pick<JobRunner, 'call'>
  readonly log: Logger
}

/** Takes the place of a socket that a dead daemon left; the caller holds the lock. @returns how to close it */
export async function serveLocalCalls(parts: LocalServerParts): Promise<() => Promise<void>> {
  const path = join(parts.stateFolder, socketName)
  rmSync(path, { force: true })
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', (error) => parts.log.debug({ err: error }, 'a local call went away'))
    void serve(socket, parts)
  })
  await withSocketPath(path, (short) => listening(server, short))
  chmodSync(path, 0o600)
  server.unref()
  return async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise<void>((resolve) => server.close(() => resolve()))
    rmSync(path, { force: true })
  }
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** One call for each connection. When the caller goes away, its job is cancelled. */
async function serve(socket: Socket, { jobs, id, log }: LocalServerParts): Promise<void> {
  const gone = new AbortController()
  socket.once('close', () => gone.abort())
  const say = (answer: LocalAnswer): void => {
    if (socket.writable) socket.write(`${JSON.stringify(answer)}\n`)
  }
  try {
    const call = v.parse(LocalCall, JSON.parse(await firstLine(socket)))
    log.info({ fun: call.fun }, 'a local call')
    const result = await jobs.call(call, gone.signal, (progress) => say({ is: 'progress', progress }))
    say({ is: 'return', id, result })
  } catch (error) {
    say({ is: 'error', message: describeError(error) })
  }
  socket.end()
}

async function firstLine(socket: Socket): Promise<string> {
  const lines = createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY })
  for await (const line of lines) return line
  throw new Error('nothing was asked')
}
