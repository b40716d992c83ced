/**
 * Bulky answers of one connection, one after another, and the next only when the reader has taken enough of the ones
 * before: a peer that asks for much and reads nothing costs one answer's memory, not as many as it asked for.
 */
import { pauseAbove } from './limits.ts'
import type { MinionChannel } from './live-sessions.ts'

export class Turns {
  readonly #channel: () => MinionChannel
  #last: Promise<void> = Promise.resolve()

  constructor(channel: () => MinionChannel) {
    this.#channel = channel
  }

  /** Runs `work` when it is its turn. Its failure is the caller's and nobody else's. */
  async take(work: () => Promise<void>): Promise<void> {
    const before = this.#last
    let done = (): void => {}
    this.#last = new Promise((resolve) => {
      done = resolve
    })
    try {
      await before
      const channel = this.#channel()
      if (channel.buffered > pauseAbove) await channel.drained()
      if (channel.isOpen) await work()
    } finally {
      done()
    }
  }
}
