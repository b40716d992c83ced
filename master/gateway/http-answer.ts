/** Plain HTTP answers on a socket that asked for an upgrade it does not get. */
import type { Duplex } from 'node:stream'
import { isTsaltError } from '../../shared/errors/error.ts'

/** Nothing but the status: who knocks at a wrong path learns nothing. */
export function answerNotFound(socket: Duplex): void {
  end(socket, 'HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
}

/**
 * A refusal that a minion can tell from a network's: status 401, 403, 429 or 503, the error's code in the header
 * `X-Tsalt-Refusal`, and `{ code, message, hint? }` as JSON. 503 comes with `Retry-After` in seconds.
 */
export function answerRefusal(socket: Duplex, error: unknown, retryAfter?: number): void {
  const known = isTsaltError(error)
  const status = known ? error.httpStatus : 500
  const code = known ? error.code : 'internal'
  const message = known ? error.message : 'internal error; the log of the master has it'
  const hint = known ? error.hint : undefined
  const body = JSON.stringify(hint === undefined ? { code, message } : { code, message, hint })
  const retry = retryAfter === undefined ? '' : `Retry-After: ${retryAfter}\r\n`
  end(
    socket,
    `HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Type: application/json\r\n${retry}` +
      `X-Tsalt-Refusal: ${code}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

function end(socket: Duplex, text: string): void {
  socket.on('error', () => socket.destroy())
  socket.end(text)
  setTimeout(() => socket.destroy(), 1_000).unref()
}
