/** A small HTTPS client that shows everything of an answer. */

import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { Agent, request as httpsRequest } from 'node:https'

export interface HttpsAnswer {
  readonly status: number
  readonly statusMessage: string
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** undefined where it is no JSON. */
  readonly body: unknown
}

export interface HttpsAsk {
  readonly method?: string
  readonly headers?: OutgoingHttpHeaders
  /** Text as it is, everything else as JSON. */
  readonly body?: unknown
}

export class HttpsClient {
  readonly port: number
  readonly #agent: Agent

  constructor(port: number, tls: { readonly cert?: string; readonly key?: string } = {}) {
    this.port = port
    // The certificate is the test's own.
    this.#agent = new Agent({ rejectUnauthorized: false, keepAlive: true, ...tls })
  }

  get(path: string, headers: OutgoingHttpHeaders = {}): Promise<HttpsAnswer> {
    return this.ask(path, { headers })
  }

  post(path: string, body: unknown, headers: OutgoingHttpHeaders = {}): Promise<HttpsAnswer> {
    return this.ask(path, { method: 'POST', headers, body })
  }

  async ask(path: string, asked: HttpsAsk): Promise<HttpsAnswer> {
    const response = await this.open(path, asked)
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString('utf8')
    const { statusCode = 0, statusMessage = '', headers } = response
    return { status: statusCode, statusMessage, headers, text, body: parsed(text) }
  }

  /** A stream: the caller reads it, and destroys it. */
  open(path: string, { method = 'GET', headers = {}, body }: HttpsAsk): Promise<IncomingMessage> {
    const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
    return new Promise((done, failed) => {
      const outgoing = httpsRequest(
        {
          host: '127.0.0.1',
          port: this.port,
          path,
          method,
          agent: this.#agent,
          headers: {
            ...(payload === undefined ? {} : { 'content-length': Buffer.byteLength(payload) }),
            ...(typeof body === 'object' ? { 'content-type': 'application/json' } : {}),
            ...headers,
          },
        },
        done,
      )
      outgoing.on('error', failed)
      outgoing.end(payload)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
