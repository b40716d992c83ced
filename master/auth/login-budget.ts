/** How often a login may fail: of a user at an address, of an address, of a user in all. In memory, bounded. */
import type { Clock } from '../../shared/clock.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { networkOf } from './network-of.ts'

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
  readonly left: number
  readonly at: number
  readonly allowance: Allowance
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
    const wait = Math.max(
      ...asked.map(({ key, allowance }) => {
        const left = this.#left(key, allowance)
        return left >= 1 ? 0 : (1 - left) * allowance.every
      }),
    )
    // Who is refused leaves nothing behind: names that somebody invents must not push out what counts.
    if (wait > 0) throw new TsaltError('login-too-often', { seconds: Math.ceil(wait / 1000) })
    for (const { key, allowance } of asked) this.#put(key, this.#left(key, allowance) - 1, allowance)
  }

  /** The login was right: it counts for nothing. */
  giveBack(user: string, address: string): void {
    for (const { key, allowance } of keysOf(user, address))
      if (this.#buckets.has(key))
        this.#put(key, Math.min(allowance.most, this.#left(key, allowance) + 1), allowance)
  }

  #left(key: string, allowance: Allowance): number {
    const bucket = this.#buckets.get(key)
    return bucket === undefined ? allowance.most : leftOf(bucket, this.#clock.monotonic())
  }

  #put(key: string, left: number, allowance: Allowance): void {
    if (this.#buckets.size >= most && !this.#buckets.has(key)) this.#sweep()
    this.#buckets.set(key, { left, at: this.#clock.monotonic(), allowance })
  }

  /** What is full again says nothing; where that is not enough, the half of which most is left goes. */
  #sweep(): void {
    const now = this.#clock.monotonic()
    const shares: { key: string; share: number }[] = []
    for (const [key, bucket] of this.#buckets) {
      const share = leftOf(bucket, now) / bucket.allowance.most
      if (share >= 1) this.#buckets.delete(key)
      else shares.push({ key, share })
    }
    if (this.#buckets.size < most) return
    shares.sort((a, b) => b.share - a.share)
    for (const { key } of shares.slice(0, most / 2)) this.#buckets.delete(key)
  }
}

const leftOf = ({ left, at, allowance: { most: full, every } }: Bucket, now: number): number =>
  Math.min(full, left + (now - at) / every)

const keysOf = (user: string, address: string): readonly { key: string; allowance: Allowance }[] => {
  const name = user.slice(0, 80)
  const network = networkOf(address)
  return [
    { key: `pair ${network} ${name}`, allowance: allowances.pair },
    { key: `address ${network}`, allowance: allowances.address },
    { key: `user ${name}`, allowance: allowances.user },
  ]
}
