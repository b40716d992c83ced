/** How requests reach the master and its answers are read: the same over its Unix socket and over TLS. */
import type { IncomingMessage } from 'node:http'
import type { Place } from '../../shared/data/place.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { errorCodes } from '../../shared/errors/registry.ts'
import type { JobSubmission } from '../api/schemas.ts'
import { MasterRefusal } from './master-refusal.ts'

export interface Ask {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Below /api/v1, with its query. */
  readonly path: string
  readonly body?: unknown
  /** Ends the request, and the stream that it opened. */
  readonly signal?: AbortSignal
}

export interface MasterTransport {
  /** Path of the socket, or `https://host:port`. */
  readonly where: string
  /** Resolves with the headers of the answer. @throws TsaltError where no answer comes */
  send(ask: Ask): Promise<IncomingMessage>
  /** What is told where the connection could not be made, or broke. */
  failed(ask: Ask, error: NodeJS.ErrnoException): Error
  /** What is told instead of a refusal, where this side knows more of the reason. */
  refused?(refusal: MasterRefusal): Error
}

export const apiPrefix = '/api/v1'

/** @throws TsaltError of the connection, MasterRefusal where the master refuses */
export async function exchange<Answer>(transport: MasterTransport, ask: Ask): Promise<Answer> {
  const response = await transport.send(ask)
  const answer = parse(await wholeText(transport, ask, response))
  if ((response.statusCode ?? 500) >= 400) throw refusalOf(transport, answer, response.statusCode ?? 500)
  return answer as Answer
}

/** Ends where the stream ends, cleanly or not; throws where it could not be opened. */
export async function* stream<Line>(
  transport: MasterTransport,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<Line> {
  const ask: Ask = { method: 'GET', path, signal }
  const response = await transport.send(ask)
  const { statusCode = 500 } = response
  if (statusCode >= 400)
    throw refusalOf(transport, parse(await wholeText(transport, ask, response)), statusCode)
  response.setEncoding('utf8')
  let rest = ''
  try {
    for await (const chunk of response as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (line !== '') yield parse(line) as Line
    }
  } catch (error) {
    if (!signal.aborted && !isBroken(error)) throw error
  } finally {
    response.destroy()
  }
}

const broken = ['ECONNRESET', 'EPIPE', 'ABORT_ERR', 'ERR_STREAM_PREMATURE_CLOSE', 'ECONNABORTED', 'ENETRESET']
/** Of a connection that stood: the network went away. Of one that did not: nothing was sent. */
const lost = ['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN']

/** A connection that was there and is no more: what was asked may have been done. */
export function isBroken(error: unknown): boolean {
  const { code = '', syscall = '' } = error as NodeJS.ErrnoException
  return broken.includes(code) || (lost.includes(code) && ['read', 'write'].includes(syscall))
}

/** @returns the error where a submission may or may not have been taken; undefined: it is none, or never went out */
export function uncertainOf({ path, body }: Ask, error: NodeJS.ErrnoException): Error | undefined {
  if (!isBroken(error) || path !== '/jobs') return undefined
  const jid = (body as JobSubmission | undefined)?.jid ?? ''
  return new TsaltError('submission-uncertain', { jid }, { cause: error })
}

async function wholeText(transport: MasterTransport, ask: Ask, response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of response) chunks.push(chunk as Buffer)
  } catch (error) {
    if (isBroken(error)) throw transport.failed(ask, error as NodeJS.ErrnoException)
    throw error
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new TsaltError('master-answer-unreadable', { reason: `no JSON: ${text.slice(0, 60)}` })
  }
}

function refusalOf(transport: MasterTransport, answer: unknown, status: number): Error {
  const { code, message, hint, place } = (answer ?? {}) as {
    code?: string
    message?: string
    hint?: string
    place?: Place
  }
  const known =
    code !== undefined && Object.hasOwn(errorCodes, code)
      ? errorCodes[code as keyof typeof errorCodes]
      : undefined
  const exit = known?.exit ?? (status === 403 || status === 401 ? 77 : status === 400 ? 64 : 1)
  const refusal = new MasterRefusal(
    code ?? `http-${status}`,
    message ?? `The master answered with status ${status}.`,
    exit,
    { hint, place },
  )
  return transport.refused?.(refusal) ?? refusal
}
