/**
 * Tells a live peer from a dead one: a ping when nothing was heard for an interval ± 20 %, dead when two in a row had no
 * answer within theirs, so after three intervals of silence. What the other side asks is a sign of life: of two that ask
 * each other one does.
 * A stall of our own event loop is not held against the peer, nor is silence while we do not read.
 */
import type { Clock } from '../clock.ts'

/** Pings without an answer. */
const missesAllowed = 2

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
  /** Monotonic milliseconds. */
  private heardAt: number
  /** Of silence, in milliseconds, before the next ping. */
  private pause: number
  /** Whether a ping waits for its answer. */
  private asked = false
  private misses = 0
  private number = 0

  constructor(interval: number, clock: Clock, actions: HeartbeatActions) {
    this.interval = interval
    this.clock = clock
    this.actions = actions
    this.heardAt = clock.monotonic()
    this.pause = this.newPause()
    this.schedule(this.pause)
  }

  /** To be called on every sign of life. */
  alive(): void {
    this.heardAt = this.clock.monotonic()
    this.asked = false
    this.misses = 0
  }

  stop(): void {
    clearTimeout(this.timer)
    this.timer = undefined
  }

  private newPause(): number {
    return this.interval * (0.8 + 0.4 * this.clock.random())
  }

  private schedule(wait: number): void {
    const due = this.clock.monotonic() + wait
    this.timer = setTimeout(() => this.beat(due), wait)
    // A heartbeat alone is no reason for a process to stay.
    this.timer.unref()
  }

  private beat(due: number): void {
    const now = this.clock.monotonic()
    const left = this.heardAt + this.pause - now
    // Timers of Node.js count in whole milliseconds.
    if (!this.asked && left >= 1) {
      this.schedule(left)
      return
    }
    // So late that frames may be waiting unread behind this very timer: they get their turn first.
    const stalled = now - due > this.interval / 2
    if (this.asked && !stalled && this.actions.listening()) this.misses++
    else this.misses = 0
    if (this.misses >= missesAllowed) {
      this.actions.dead()
      return
    }
    this.asked = true
    this.number++
    this.pause = this.newPause()
    this.actions.ping(this.number)
    this.schedule(this.pause)
  }
}
