/** Why a socket is not read from for the moment: its owner's wish, a backlog to be written, work on what it sent. */
import type { WebSocket } from 'ws'

export type PauseReason = 'owner' | 'backlog' | 'unpacking' | 'throttle'

export class ReadingPauses {
  readonly #socket: WebSocket
  readonly #reasons = new Set<PauseReason>()

  constructor(socket: WebSocket) {
    this.#socket = socket
  }

  set(reason: PauseReason, wanted: boolean): void {
    if (wanted === this.#reasons.has(reason)) return
    if (wanted) this.#reasons.add(reason)
    else this.#reasons.delete(reason)
    if (this.#reasons.size > 0) this.#socket.pause()
    else this.#socket.resume()
  }

  has(reason: PauseReason): boolean {
    return this.#reasons.has(reason)
  }

  get isReading(): boolean {
    return this.#reasons.size === 0
  }

  /** Whether a live peer would be heard: behind a backlog its reading is the sign of its life. */
  get listens(): boolean {
    return this.has('backlog') || !(this.has('owner') || this.has('throttle'))
  }
}
