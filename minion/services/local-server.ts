/** The daemon's Unix socket (0600): jobs from this machine, for root or whoever runs the minion. */
import { chmodSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Logger } from 'pino'
import * as v from 'valibot'
import { describeError } from '../../shared/errors/error.ts'
import type { JobRunner } from '../jobs/job-runner.ts'
import { type LocalAnswer, LocalCall, onLines, socketName, withSocketPath } from './local-messages.ts'

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
    serve(socket, parts)
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
    // The file appears while listen() runs: it must never have been anybody else's to use.
    const before = process.umask(0o177)
    try {
      server.listen(path, () => {
        server.off('error', reject)
        resolve()
      })
    } finally {
      process.umask(before)
    }
  })
}

/** One call for each connection. When the caller goes away, its job is cancelled. */
function serve(socket: Socket, parts: LocalServerParts): void {
  const gone = new AbortController()
  socket.once('close', () => gone.abort('TERM'))
  let asked = false
  onLines(socket, (line) => {
    if (!asked) void answer(socket, line, gone.signal, parts)
    asked = true
  })
}

async function answer(
  socket: Socket,
  line: string,
  signal: AbortSignal,
  { jobs, id, log }: LocalServerParts,
): Promise<void> {
  const say = (message: LocalAnswer): void => {
    if (socket.writable) socket.write(`${JSON.stringify(message)}\n`)
  }
  try {
    const call = v.parse(LocalCall, JSON.parse(line))
    log.info({ fun: call.fun }, 'a local call')
    const result = await jobs.call(call, signal, (progress) => say({ is: 'progress', progress }))
    say({ is: 'return', id, result })
  } catch (error) {
    say({ is: 'error', message: describeError(error) })
  }
  socket.end()
}
