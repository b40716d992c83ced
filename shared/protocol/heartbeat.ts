/**
 * Tells a live peer from a dead one: a ping every interval ± 20 %, dead after three intervals without any frame.
 * A stall of our own event loop is not held against the peer, nor is silence while we do not read.
 */
import type { Clock } from '../clock.ts'

const missesAllowed = 3

export interface HeartbeatActions {
  ping(number: number): void
  dead(): void
  /** Whether the peer could have been heard: false while reading is paused. */
  listening(): boolean
}

export class Heartbeat {
  private readonly clock: Clock
  /** Milliseconds. */
  private readonly interval: number
  private readonly actions: HeartbeatActions
  private timer: NodeJS.Timeout | undefined
  private heard = true
  private misses = 0
  private number = 0

  constructor(interval: number, clock: Clock, actions: HeartbeatActions) {
    this.interval = interval
    this.clock = clock
    this.actions = actions
    this.schedule()
  }

  /** To be called on every sign of life. */
  alive(): void {
    this.heard = true
  }

  stop(): void {
    clearTimeout(this.timer)
    this.timer = undefined
  }

  private schedule(): void {
    const pause = this.interval * (0.8 + 0.4 * this.clock.random())
    const due = this.clock.monotonic() + pause
    this.timer = setTimeout(() => this.beat(due), pause)
    // A heartbeat alone is no reason for a process to stay.
    this.timer.unref()
  }

  private beat(due: number): void {
    // So late that frames may be waiting unread behind this very timer: they get their turn first.
    const stalled = this.clock.monotonic() - due > this.interval / 2
    if (this.heard || stalled || !this.actions.listening()) this.misses = 0
    else this.misses++
    if (this.misses >= missesAllowed) {
      this.actions.dead()
      return
    }
    this.heard = false
    this.number++
    this.actions.ping(this.number)
    this.schedule()
  }
}
