/** The real requests: bounded in time and size, redirects followed on the network. */
import { readFile } from 'node:fs/promises'
import { type IncomingMessage, request as plainRequest, type RequestOptions } from 'node:http'
import { TsaltError } from '../../shared/errors/error.ts'
import type { HttpAnswer, HttpRequest } from './http-port.ts'

const mostBytes = 64 * 1024 * 1024
const mostRedirects = 5

export type SendHttp = (request: HttpRequest) => Promise<HttpAnswer>

export function httpSender(signal?: AbortSignal): SendHttp {
  return async (request) => {
    const timeout = request.timeout ?? 30_000
    const late = AbortSignal.timeout(timeout)
    const ended = signal === undefined ? late : AbortSignal.any([signal, late])
    try {
      return await followed(request, ended, mostRedirects)
    } catch (error) {
      const reason = late.aborted ? `no answer within ${timeout / 1000} s` : reasonOf(error)
      throw new TsaltError('url-unreachable', { url: placeOf(request), reason }, { cause: error })
    }
  }
}

const placeOf = ({ url, socket }: HttpRequest): string => (socket === undefined ? url : `${socket} (${url})`)

function reasonOf(error: unknown): string {
  const first = error instanceof AggregateError ? error.errors[0] : error
  return first instanceof Error ? first.message || first.name : String(first)
}

async function followed(request: HttpRequest, signal: AbortSignal, left: number): Promise<HttpAnswer> {
  const answer = await once(request, signal)
  const to = answer.headers['location']
  const method = request.method ?? 'GET'
  if (to === undefined || answer.status < 300 || answer.status > 399 || left === 0) return answer
  if (request.socket !== undefined || (method !== 'GET' && method !== 'HEAD')) return answer
  const next = new URL(to, request.url)
  if (next.protocol !== 'http:' && next.protocol !== 'https:') return answer
  // What proves who we are is not for another server.
  const { headers = {}, certificate: _certificate, key: _key, ...rest } = request
  const isSame = next.host === new URL(request.url).host
  return followed(
    isSame ? { ...request, url: next.href } : { ...rest, headers: withoutSecrets(headers), url: next.href },
    signal,
    left - 1,
  )
}

const withoutSecrets = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).filter(([name]) => !/^(?:authorization|cookie|host)$/i.test(name)),
  )

async function once(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
  const url = new URL(request.url)
  const isSecure = url.protocol === 'https:'
  if (!isSecure && url.protocol !== 'http:') throw new Error('only http:// and https:// are asked')
  const options: RequestOptions = {
    method: request.method ?? 'GET',
    headers: { ...request.headers, ...lengthOf(request.body) },
    signal,
    agent: false,
    ...(request.socket === undefined ? {} : { socketPath: request.socket }),
    ...(isSecure ? await secrets(request) : {}),
  }
  const start = isSecure ? (await import('node:https')).request : plainRequest
  return new Promise((resolve, reject) => {
    const sent = start(url, options, (response) => {
      collect(response).then(resolve, (error: unknown) => {
        response.destroy()
        reject(error)
      })
    })
    sent.on('error', reject)
    sent.end(request.body)
  })
}

const lengthOf = (body: string | undefined): Record<string, string> =>
  body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }

async function secrets({ verify, ca, certificate, key }: HttpRequest): Promise<object> {
  const read = async (path: string | undefined) => (path === undefined ? undefined : readFile(path))
  const files = { ca: await read(ca), cert: await read(certificate), key: await read(key) }
  const given = Object.entries(files).filter(([, content]) => content !== undefined)
  return { rejectUnauthorized: verify !== false, ...Object.fromEntries(given) }
}

async function collect(response: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response) {
    size += (chunk as Buffer).length
    if (size > mostBytes) throw new Error(`the answer has more than ${mostBytes} bytes`)
    chunks.push(chunk as Buffer)
  }
  const headers = Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  )
  return {
    status: response.statusCode ?? 0,
    reason: response.statusMessage ?? '',
    headers,
    body: Buffer.concat(chunks),
  }
}
