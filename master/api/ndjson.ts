/** A stream of JSON documents, one on a line. */
import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'

/** A few lines ahead of a slow reader, no more; what comes behind them is kept small by the source itself. */
const streaming = { objectMode: true, highWaterMark: 4 }

/**
 * @param open makes the source. Its signal ends it when the reader has left, which it may at any time.
 * @param stopping aborted when the master stops
 */
export async function sendStream(
  reply: FastifyReply,
  stopping: AbortSignal,
  open: (signal: AbortSignal) => AsyncIterable<unknown>,
): Promise<FastifyReply> {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  const lines = await opened(open(AbortSignal.any([gone.signal, stopping])))
  return reply.header('content-type', 'application/x-ndjson').send(Readable.from(lines, streaming))
}

/** Waits for the first document, so that an error in opening the stream is an answer with a status. */
async function opened(source: AsyncIterable<unknown>): Promise<AsyncIterable<string>> {
  const iterator = source[Symbol.asyncIterator]()
  const first = await iterator.next()
  return (async function* () {
    try {
      for (let next = first; !next.done; next = await iterator.next()) yield `${JSON.stringify(next.value)}\n`
    } finally {
      await iterator.return?.()
    }
  })()
}
