/** Servers of plain data: what each answers to `METHOD url` (`METHOD socket url` behind a socket), until a request changes it. */
import type { HttpAnswer, HttpRequest } from '../../minion/system/http-port.ts'
import type { SendHttp } from '../../minion/system/http-request.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import type { HttpData } from './machine-data.ts'

export class FakeHttp {
  readonly #servers: Record<string, HttpData | string>
  readonly #note: (action: string) => void

  constructor(servers: Readonly<Record<string, HttpData | string>>, note: (action: string) => void) {
    this.#servers = { ...servers }
    this.#note = note
  }

  readonly ask = async (request: HttpRequest): Promise<HttpAnswer> => this.#answer(request)

  readonly send: SendHttp = async (request) => {
    const line = lineOf(request)
    this.#note(`http ${line}${request.body === undefined ? '' : ` ${request.body}`}`)
    const found = this.#servers[line]
    const answer = this.#answer(request)
    Object.assign(this.#servers, (typeof found === 'object' && found.then) || {})
    return answer
  }

  #answer(request: HttpRequest): HttpAnswer {
    const found = this.#servers[lineOf(request)]
    if (found === undefined && request.socket === undefined)
      throw new TsaltError('url-unreachable', { url: request.url, reason: 'connect ECONNREFUSED' })
    const {
      status = found === undefined ? 404 : 200,
      body = '',
      reason = '',
    }: HttpData = typeof found === 'string' ? { body: found } : (found ?? {})
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    return { status, reason, headers: {}, body: Buffer.from(text) }
  }
}

const lineOf = ({ method = 'GET', url, socket }: HttpRequest): string =>
  socket === undefined ? `${method} ${url}` : `${method} ${socket} ${url.replace(/^http:\/\/[^/]+/, '')}`
