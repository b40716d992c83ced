/** How often a login may fail: of a user at an address, of an address, of a user in all. In memory, bounded. */
import type { Clock } from '../../shared/clock.ts'
import { TsaltError } from '../../shared/errors/error.ts'

interface Allowance {
  readonly most: number
  /** Milliseconds after which one comes back. */
  readonly every: number
}

const allowances = {
  pair: { most: 5, every: 30_000 },
  address: { most: 20, every: 5_000 },
  // A stranger must not be able to lock a user out for long: this is what guessing from many addresses meets.
  user: { most: 60, every: 3_000 },
} as const satisfies Record<string, Allowance>

/** Buckets kept; beyond it those that are nearly full again go first. */
const most = 10_000

interface Bucket {
  left: number
  at: number
}

export class LoginBudget {
  readonly #clock: Clock
  readonly #buckets = new Map<string, Bucket>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Taken before the password is looked at, so that many at once gain nothing. @throws TsaltError `login-too-often` */
  take(user: string, address: string): void {
    const asked = keysOf(user, address)
    const buckets = asked.map(({ key, allowance }) => this.#bucket(key, allowance))
    const wait = Math.max(
      ...buckets.map(({ left }, index) =>
        left >= 1 ? 0 : (1 - left) * (asked[index]?.allowance.every ?? 0),
      ),
    )
    if (wait > 0) throw new TsaltError('login-too-often', { seconds: Math.ceil(wait / 1000) })
    for (const bucket of buckets) bucket.left -= 1
  }

  /** The login was right: it counts for nothing. */
  giveBack(user: string, address: string): void {
    for (const { key, allowance } of keysOf(user, address)) {
      const bucket = this.#bucket(key, allowance)
      bucket.left = Math.min(allowance.most, bucket.left + 1)
    }
  }

  #bucket(key: string, { most: full, every }: Allowance): Bucket {
    const now = this.#clock.monotonic()
    const known = this.#buckets.get(key)
    if (known === undefined) {
      if (this.#buckets.size >= most) this.#sweep(now)
      const fresh = { left: full, at: now }
      this.#buckets.set(key, fresh)
      return fresh
    }
    known.left = Math.min(full, known.left + (now - known.at) / every)
    known.at = now
    return known
  }

  /** What was not touched for ten minutes is full again; where that is not enough, the oldest half goes. */
  #sweep(now: number): void {
    for (const [key, { at }] of this.#buckets) if (now - at > 600_000) this.#buckets.delete(key)
    if (this.#buckets.size < most) return
    for (const key of [...this.#buckets.keys()].slice(0, most / 2)) this.#buckets.delete(key)
  }
}

const keysOf = (user: string, address: string): readonly { key: string; allowance: Allowance }[] => {
  const name = user.slice(0, 80)
  return [
    { key: `pair ${address} ${name}`, allowance: allowances.pair },
    { key: `address ${address}`, allowance: allowances.address },
    { key: `user ${name}`, allowance: allowances.user },
  ]
}
