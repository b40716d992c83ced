/** Asking servers by HTTP, on the network or behind a Unix socket of this machine (the engine of containers). */
import type { UndoStep } from './changer.ts'

export interface HttpRequest {
  /** `http://` or `https://`; behind a socket the host is only a name. */
  readonly url: string
  /** Path of a Unix socket. */
  readonly socket?: string
  /** Default GET. */
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Milliseconds for the whole, default 30,000. */
  readonly timeout?: number
  /** False: a certificate of whomever passes. */
  readonly verify?: boolean
  /** Files in PEM: who signs servers, and our own certificate with its key. */
  readonly ca?: string
  readonly certificate?: string
  readonly key?: string
}

export interface HttpAnswer {
  readonly status: number
  readonly reason: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export interface HttpReader {
  /** A request that is known to change nothing. @throws TsaltError `url-unreachable` */
  ask(request: HttpRequest): Promise<HttpAnswer>
}

export interface HttpChanger {
  /** @param options how an undo of the job takes it back @throws TsaltError `url-unreachable` */
  send(request: HttpRequest, options?: { readonly undo?: readonly UndoStep[] }): Promise<HttpAnswer>
}
