/**
 * One request to a web server, bounded in time and size. With the client of Node.js that needs no WebAssembly: the
 * daemon runs without it, and `fetch` would fail there.
 */
import type { IncomingMessage } from 'node:http'
import { TsaltError } from '../../shared/errors/error.ts'

/** Bytes of an answer, where nothing else is said. */
const shippedMost = 64 * 1024 * 1024
const mostRedirects = 20

export interface Fetching {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | URLSearchParams
  /** Milliseconds, redirects included. */
  readonly timeout: number
  readonly signal: AbortSignal
  /** Bytes of the answer; it is held in memory. Default 64 MiB. */
  readonly mostBytes?: number
}

export interface Fetched {
  readonly status: number
  readonly reason: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly content: Uint8Array
}

interface Call {
  readonly url: URL
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  readonly signal: AbortSignal
}

/** @throws TsaltError `url-unreachable` */
export async function fetchUrl(
  url: string,
  { timeout, signal, mostBytes = shippedMost, ...request }: Fetching,
): Promise<Fetched> {
  const late = AbortSignal.timeout(timeout)
  try {
    let call = firstCall(url, request, AbortSignal.any([signal, late]))
    for (let redirects = 0; redirects <= mostRedirects; redirects++) {
      const response = await send(call)
      const next = redirected(call, response)
      if (!next) return await read(response, call.method === 'HEAD' ? 0 : bytesTold(response), mostBytes)
      response.destroy()
      call = next
    }
    throw new Error(`it leads on more than ${mostRedirects} times`)
  } catch (error) {
    const reason = late.aborted ? `no answer within ${timeout / 1000} s` : causeOf(error)
    throw new TsaltError('url-unreachable', { url, reason }, { cause: error })
  }
}

function firstCall(
  url: string,
  { method = 'GET', headers = {}, body }: Pick<Fetching, 'method' | 'headers' | 'body'>,
  signal: AbortSignal,
): Call {
  const names = new Set(Object.keys(headers).map((name) => name.toLowerCase()))
  const own: Record<string, string> = {
    ...(!names.has('user-agent') && { 'user-agent': 'tsalt' }),
    ...(!names.has('accept') && { accept: '*/*' }),
    ...(body instanceof URLSearchParams &&
      !names.has('content-type') && { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' }),
    ...(typeof body === 'string' &&
      !names.has('content-type') && { 'content-type': 'text/plain;charset=UTF-8' }),
  }
  return { url: new URL(url), method, headers: { ...own, ...headers }, body: body?.toString(), signal }
}

async function send({ url, method, headers, body, signal }: Call): Promise<IncomingMessage> {
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new Error(`${url.protocol} is not http: or https:`)
  const { request } = url.protocol === 'https:' ? await import('node:https') : await import('node:http')
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const sent = request(url, { method, headers: { ...headers, ...length }, signal, agent: false }, resolve)
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Where an answer sends the request; what is secret stays with the server that it was meant for. */
function redirected(
  call: Call,
  { statusCode = 0, headers: { location } }: IncomingMessage,
): Call | undefined {
  if (![301, 302, 303, 307, 308].includes(statusCode) || location === undefined) return undefined
  const url = new URL(location, call.url)
  if (call.url.protocol === 'https:' && url.protocol === 'http:')
    throw new Error(`it leads from https: to ${url.origin}`)
  const asks = statusCode === 303 ? call.method !== 'HEAD' : call.method === 'POST' && statusCode < 303
  const secret = /^(?:authorization|cookie|proxy-authorization)$/i
  const kept = Object.entries(call.headers).filter(
    ([name]) => !(url.origin !== call.url.origin && secret.test(name)) && !(asks && /^content-/i.test(name)),
  )
  return { ...call, url, headers: Object.fromEntries(kept), ...(asks && { method: 'GET', body: undefined }) }
}

const bytesTold = ({ headers }: IncomingMessage): number => Number(headers['content-length'] ?? 0)

/** @param told how many bytes the server says come; 0: it does not say, or none do */
async function read(response: IncomingMessage, told: number, mostBytes: number): Promise<Fetched> {
  if (told > mostBytes) {
    response.destroy()
    throw new Error(`the answer has more than ${mostBytes} bytes: ${told}`)
  }
  // Where its length is told it is not copied together at the end: that would take the memory twice.
  const whole = told > 0 ? Buffer.allocUnsafe(told) : undefined
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Uint8Array>) {
    if (size + chunk.length > mostBytes) throw new Error(`the answer has more than ${mostBytes} bytes`)
    if (whole === undefined) chunks.push(chunk)
    else whole.set(chunk, size)
    size += chunk.length
  }
  const headers = Object.entries(response.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : (value ?? ''),
  ])
  const { statusCode = 0, statusMessage = '' } = response
  return {
    status: statusCode,
    reason: statusMessage,
    headers: Object.fromEntries(headers),
    content: whole === undefined ? Buffer.concat(chunks) : whole.subarray(0, size),
  }
}

/** Of a name with several addresses, the first complaint says enough. */
function causeOf(error: unknown): string {
  const first = error instanceof AggregateError ? error.errors[0] : error
  const cause = first instanceof Error && first.cause instanceof Error ? first.cause : first
  return cause instanceof Error ? cause.message || cause.name : String(cause)
}
