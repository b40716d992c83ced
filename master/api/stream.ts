/** A stream of JSON documents: one on a line, or as server-sent events where the client asks for these. */
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { RouteContext } from './services.ts'
import { unreadTime } from './tcp/limits.ts'

/** A few documents ahead of a slow reader, no more; what comes behind them is kept small by the source itself. */
const streaming = { objectMode: true, highWaterMark: 4 }
/** Characters after which a text goes out although more has come. */
const largestText = 64 * 1024

interface StreamCall {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

interface Framing {
  readonly type: string
  /** What comes before the first document. */
  readonly head: string
  frame(document: object): string
}

const lines: Framing = {
  type: 'application/x-ndjson',
  head: '',
  frame: (document) => `${JSON.stringify(document)}\n`,
}

/** The number of an event is its id, so that a browser that connects again says where it was. */
const serverSent: Framing = {
  type: 'text/event-stream; charset=utf-8',
  head: 'retry: 2000\n\n',
  frame(document) {
    const { type, sequence } = document as { readonly type?: unknown; readonly sequence?: unknown }
    if (type === 'beat') return ': beat\n\n'
    const id = typeof sequence === 'number' ? `id: ${sequence}\n` : ''
    return `${id}data: ${JSON.stringify(document)}\n\n`
  },
}

export const wantsServerSent = ({ headers }: FastifyRequest): boolean =>
  /\btext\/event-stream\b/.test(headers.accept ?? '')

/** @param open makes the source. Its signal ends it when the reader has left, which it may at any time. */
export async function sendStream(
  { request, reply }: StreamCall,
  context: Pick<RouteContext, 'stopping' | 'endOf'>,
  open: (signal: AbortSignal) => AsyncIterable<object>,
): Promise<FastifyReply> {
  const framing = wantsServerSent(request) ? serverSent : lines
  return sendFrames({ request, reply }, context, framing, open)
}

export async function sendFrames(
  { request, reply }: StreamCall,
  { stopping, endOf }: Pick<RouteContext, 'stopping' | 'endOf'>,
  framing: Framing,
  open: (signal: AbortSignal) => AsyncIterable<object>,
): Promise<FastifyReply> {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  const ended = endOf(request, reply)
  const signals = [gone.signal, stopping, ...(ended === undefined ? [] : [ended])]
  if (ended !== undefined) cutUnread(request.raw.socket, reply)
  const text = await opened(open(AbortSignal.any(signals)), framing)
  return reply
    .header('content-type', framing.type)
    .header('cache-control', 'no-store')
    .send(Readable.from(text, streaming))
}

/** Where nobody reads what is sent, nothing is written any more. The connection may serve other requests afterwards. */
function cutUnread(socket: Socket, reply: FastifyReply): void {
  const cut = (): void => void socket.destroy()
  socket.setTimeout(unreadTime, cut)
  reply.raw.once('close', () => {
    socket.setTimeout(0)
    socket.off('timeout', cut)
  })
}

/** Waits for the first document, so that an error in opening the stream is an answer with a status. */
async function opened(
  source: AsyncIterable<object>,
  { head, frame }: Framing,
): Promise<AsyncIterable<string>> {
  const iterator = source[Symbol.asyncIterator]()
  const first = await iterator.next()
  return (async function* () {
    try {
      yield* gathered(iterator, first, head, frame)
    } finally {
      await iterator.return?.()
    }
  })()
}

/** What comes in one turn of the event loop goes out as one text: thousands of documents are not thousands of writes. */
async function* gathered(
  iterator: AsyncIterator<object>,
  first: IteratorResult<object>,
  head: string,
  frame: (document: object) => string,
): AsyncGenerator<string, void, undefined> {
  let text = head
  let next: IteratorResult<object> | undefined = first
  while (next?.done !== true) {
    if (next !== undefined) text += frame(next.value)
    const coming = iterator.next()
    next = text !== '' && text.length < largestText ? await thisTurn(coming) : undefined
    if (next === undefined) {
      if (text !== '') yield text
      text = ''
      next = await coming
    }
  }
  if (text !== '') yield text
}

/** undefined where it does not come before the event loop turns. */
async function thisTurn<T>(coming: Promise<T>): Promise<T | undefined> {
  let turn: NodeJS.Immediate | undefined
  const turned = new Promise<undefined>((resolve) => {
    turn = setImmediate(() => resolve(undefined))
  })
  try {
    return await Promise.race([coming, turned])
  } finally {
    clearImmediate(turn)
  }
}
