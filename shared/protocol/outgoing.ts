/**
 * What waits to be written to one socket. Small messages go at once; the parts of a large one wait for the socket to
 * take the part before, so small ones (a ping, a kill) get between them and the socket never holds a large one whole.
 */
import type { WebSocket } from 'ws'
import { type Encoded, partsOf } from './frame.ts'

/** The socket is given no further part while it holds more than this. */
const enough = 512 * 1024

interface Queued {
  readonly message: Encoded | Promise<Encoded>
  /** Bytes in the account for it. */
  readonly size: number
}

export class Outgoing {
  private readonly socket: WebSocket
  /** Called whenever the socket took something. */
  private readonly moved: () => void
  private readonly queue: Queued[] = []
  private queued = 0
  private pumping = false
  private closed = false
  private waiting: (() => void)[] = []
  private release: (() => void) | undefined

  constructor(socket: WebSocket, moved: () => void) {
    this.socket = socket
    this.moved = moved
  }

  /** Bytes handed over and not yet taken by the operating system. */
  get buffered(): number {
    return this.queued + this.socket.bufferedAmount
  }

  /** @param size about how many bytes it has, while it is still being compressed */
  add(message: Encoded | Promise<Encoded>, size: number): void {
    if (this.closed) return
    if (!(message instanceof Promise) && 'text' in message) {
      this.socket.send(message.text, this.taken)
      return
    }
    this.queue.push({ message, size })
    this.queued += size
    if (!this.pumping) void this.pump()
  }

  /** Resolves when everything was taken by the operating system, or the socket is gone. */
  drained(): Promise<void> {
    if (this.closed || this.buffered === 0) return Promise.resolve()
    return new Promise((resolve) => this.waiting.push(resolve))
  }

  /** The socket is gone: everything is dropped. */
  close(): void {
    this.closed = true
    this.queue.length = 0
    this.queued = 0
    this.release?.()
    this.settle()
  }

  private readonly taken = (): void => {
    this.moved()
    if (this.buffered === 0) this.settle()
  }

  private settle(): void {
    const waiting = this.waiting
    this.waiting = []
    for (const resolve of waiting) resolve()
  }

  private async pump(): Promise<void> {
    this.pumping = true
    for (let next = this.queue.shift(); next !== undefined; next = this.queue.shift()) {
      const message = await next.message
      if (this.closed) break
      let left = next.size
      if ('text' in message) this.socket.send(message.text, this.taken)
      else {
        for (const part of partsOf(message)) {
          const share = Math.min(left, part.length)
          left -= share
          this.queued -= share
          await this.write(part)
          if (this.closed) break
        }
      }
      if (!this.closed) this.queued -= left
      this.taken()
    }
    this.pumping = false
  }

  private async write(part: Buffer): Promise<void> {
    await new Promise<void>((resolve) => {
      this.release = resolve
      this.socket.send(part, { binary: true }, () => {
        this.taken()
        resolve()
      })
      if (this.socket.bufferedAmount <= enough) resolve()
    })
  }
}
