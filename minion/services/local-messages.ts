/** What `tsalt-call` and the running daemon say to each other over the socket in the state directory: JSON lines. */
import { closeSync, constants, openSync } from 'node:fs'
import type { Socket } from 'node:net'
import { basename, dirname } from 'node:path'
import * as v from 'valibot'
import { encodedValue, functionName } from '../../shared/protocol/fields.ts'
import { JobProgress } from '../../shared/protocol/messages/job-progress.ts'
import { JobReturn } from '../../shared/protocol/messages/job-return.ts'

export const LocalCall = v.strictObject({
  fun: functionName,
  args: v.array(encodedValue),
  kwargs: v.record(v.string(), encodedValue),
})
export type LocalCall = v.InferOutput<typeof LocalCall>

export const LocalAnswer = v.variant('is', [
  v.strictObject({ is: v.literal('progress'), progress: JobProgress }),
  v.strictObject({ is: v.literal('return'), id: v.string(), result: JobReturn }),
  v.strictObject({ is: v.literal('error'), message: v.string() }),
])
export type LocalAnswer = v.InferOutput<typeof LocalAnswer>

/** Name of the socket in the state directory. */
export const socketName = 'minion.sock'
/** Longest line that is read, in characters. */
const longestLine = 64 * 1024 * 1024
/** Bytes of a socket's path that the kernel takes, with room for its end. */
const longestPath = 100

/**
 * Calls `use` with a path that the kernel takes for a socket: a long one goes by way of its opened folder.
 * The folder is closed when the promise is settled.
 */
export async function withSocketPath<T>(path: string, use: (path: string) => Promise<T>): Promise<T> {
  if (Buffer.byteLength(path) <= longestPath) return use(path)
  const folder = openSync(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    return await use(`/proc/self/fd/${folder}/${basename(path)}`)
  } finally {
    closeSync(folder)
  }
}

/** Calls `take` with every whole line; a line that is too long ends the connection. */
export function onLines(socket: Socket, take: (line: string) => void): void {
  let pending = ''
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    const lines = (pending + chunk).split('\n')
    pending = lines.pop() ?? ''
    if (pending.length > longestLine) socket.destroy(new Error('the line is too long'))
    for (const line of lines) take(line)
  })
}
