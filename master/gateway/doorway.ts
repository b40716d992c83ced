/**
 * The TCP door in front of TLS: caps for each address and in all, and a token bucket, so that a storm of connections
 * costs no cryptography. Addresses of known minions go first.
 */
import { createServer, type Server, type Socket } from 'node:net'
import type { Clock } from '../../shared/clock.ts'
import {
  crowdedPrice,
  handshakesAtOnce,
  queueSeconds,
  unknownInAll,
  unknownPerAddress,
  waitingTime,
} from './limits.ts'

export interface DoorwaySetup {
  readonly clock: Clock
  /** Connections admitted in a second; 0: no limit. */
  readonly rate: number
  /** How many accepted minions came from this address last: so many may come at once, and they go first. */
  knownAt(address: string): number
  admit(socket: Socket): void
}

const tick = 20

export class Doorway {
  readonly server: Server
  readonly #setup: DoorwaySetup
  readonly #unknown = new Map<string, number>()
  readonly #settled = new WeakSet<Socket>()
  readonly #known: Socket[] = []
  readonly #strangers: Socket[] = []
  #unknownCount = 0
  /** Admitted, and still busy with TLS and the upgrade. */
  readonly #handshaking = new Set<Socket>()
  #tokens: number
  #filled: number
  #timer: NodeJS.Timeout | undefined

  constructor(setup: DoorwaySetup) {
    this.#setup = setup
    this.#tokens = setup.rate
    this.#filled = setup.clock.monotonic()
    this.server = createServer((socket) => this.#arrived(socket))
  }

  /** The peer has proven who it is: it no longer counts among the unknown. */
  settle(socket: Socket): void {
    if (this.#settled.has(socket)) return
    this.#settled.add(socket)
    this.#unknownCount -= 1
    const address = socket.remoteAddress ?? addresses.get(socket) ?? ''
    const left = (this.#unknown.get(address) ?? 1) - 1
    if (left > 0) this.#unknown.set(address, left)
    else this.#unknown.delete(address)
  }

  /** TLS and the upgrade are over: others can have their turn. */
  arrived(socket: Socket): void {
    this.#handshaking.delete(socket)
  }

  close(): void {
    clearInterval(this.#timer)
    this.server.close()
    for (const socket of [...this.#known, ...this.#strangers]) socket.destroy()
    this.#known.length = 0
    this.#strangers.length = 0
  }

  #arrived(socket: Socket): void {
    socket.on('error', () => socket.destroy())
    const address = socket.remoteAddress ?? ''
    const count = this.#unknown.get(address) ?? 0
    const most = unknownPerAddress + this.#setup.knownAt(address)
    if (count >= most || this.#unknownCount >= unknownInAll) {
      socket.destroy()
      return
    }
    addresses.set(socket, address)
    this.#unknown.set(address, count + 1)
    this.#unknownCount += 1
    socket.once('close', () => this.settle(socket))
    this.#admitInTurn(socket, address)
  }

  #admitInTurn(socket: Socket, address: string): void {
    const { rate } = this.#setup
    if (rate === 0 || (this.#waiting === 0 && this.#take())) {
      this.#admit(socket)
      return
    }
    if (this.#waiting >= rate * queueSeconds) {
      // Asked to come later: the minion's jittered pauses do the rest.
      socket.destroy()
      return
    }
    const queue = this.#setup.knownAt(address) > 0 ? this.#known : this.#strangers
    queue.push(socket)
    setTimeout(() => this.#giveUp(queue, socket), waitingTime).unref()
    this.#timer ??= setInterval(() => this.#serve(), tick)
  }

  #giveUp(queue: Socket[], socket: Socket): void {
    const at = queue.indexOf(socket)
    if (at === -1) return
    queue.splice(at, 1)
    socket.destroy()
  }

  #serve(): void {
    for (;;) {
      const queue = this.#known.length > 0 ? this.#known : this.#strangers
      if (queue.length === 0) {
        clearInterval(this.#timer)
        this.#timer = undefined
        return
      }
      if (queue[0]?.destroyed !== true && !this.#take()) return
      const socket = queue.shift()
      if (socket !== undefined && !socket.destroyed) this.#admit(socket)
    }
  }

  #admit(socket: Socket): void {
    this.#handshaking.add(socket)
    socket.once('close', () => this.#handshaking.delete(socket))
    this.#setup.admit(socket)
  }

  get #waiting(): number {
    return this.#known.length + this.#strangers.length
  }

  /** Whoever has said nothing yet costs no cryptography, and must not make others wait. */
  #isCrowded(): boolean {
    if (this.#handshaking.size < handshakesAtOnce) return false
    let busy = 0
    for (const { bytesRead } of this.#handshaking) if (bytesRead > 0) busy += 1
    return busy >= handshakesAtOnce
  }

  #take(): boolean {
    const { clock, rate } = this.#setup
    const now = clock.monotonic()
    this.#tokens = Math.min(Math.max(rate, crowdedPrice), this.#tokens + ((now - this.#filled) / 1000) * rate)
    this.#filled = now
    // A machine that cannot keep up would begin more handshakes than it ends, and all of them would come too late.
    const price = this.#isCrowded() ? crowdedPrice : 1
    if (this.#tokens < price) return false
    this.#tokens -= price
    return true
  }
}

/** A closed socket no longer knows its address. */
const addresses = new WeakMap<Socket, string>()
