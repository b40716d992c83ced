/** Passwords of operators: scrypt, its parameters kept beside each hash, so that they can grow. */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { TsaltError } from '../../shared/errors/error.ts'

interface Cost {
  /** Of two: N. */
  readonly exponent: number
  readonly r: number
  readonly p: number
}

/** 32 MiB and about a tenth of a second: what OWASP names beside N = 2^17, at a quarter of its memory. */
const shipped: Cost = { exponent: 15, r: 8, p: 3 }
const shape = /^scrypt\$(\d{1,2})\$(\d{1,2})\$(\d{1,2})\$([A-Za-z0-9+/=]{16,88})\$([A-Za-z0-9+/=]{44})$/
const shortest = 8
/** Bytes. Longer ones are somebody who wants this machine to work. */
export const longestPassword = 1_024
/** Each holds 32 MiB and a thread of the pool, which files are read with too. */
const atOnce = 2
const waiting = 32

/** @throws TsaltError `password-unfit` */
export async function hashPassword(password: string, cost: Cost = shipped): Promise<string> {
  const bytes = Buffer.byteLength(password)
  if ([...password].length < shortest)
    throw new TsaltError('password-unfit', { reason: `it has fewer than ${shortest} characters` })
  if (bytes > longestPassword)
    throw new TsaltError('password-unfit', { reason: `it has more than ${longestPassword} bytes` })
  const salt = randomBytes(16)
  const hash = await derive(password, salt, cost)
  const { exponent, r, p } = cost
  return ['scrypt', exponent, r, p, salt.toString('base64'), hash.toString('base64')].join('$')
}

/** Whether a hash was made at a lesser cost than new ones are. */
export function isCheap(stored: string): boolean {
  const [, exponent, r, p] = shape.exec(stored) ?? []
  return Number(exponent) * 1_000 + Number(r) * Number(p) < shipped.exponent * 1_000 + shipped.r * shipped.p
}

/** Tells passwords, few at once. */
export class PasswordCheck {
  #busy = 0
  readonly #queue: (() => void)[] = []
  /** Of nobody's password: names that are unknown cost the same. */
  readonly #nobody: Promise<string>

  constructor() {
    this.#nobody = hashPassword(randomBytes(24).toString('hex'))
  }

  /**
   * @param stored undefined: there is no such user; it takes as long
   * @throws TsaltError `login-too-often` where too many are under way
   */
  async matches(stored: string | undefined, password: string): Promise<boolean> {
    const known = stored === undefined ? undefined : shape.exec(stored)
    const fields = known ?? shape.exec(await this.#nobody)
    if (!fields) return false
    const [, exponent, r, p, salt = '', hash = ''] = fields
    const fits = Buffer.byteLength(password) <= longestPassword
    await this.#turn()
    try {
      const cost = { exponent: Number(exponent), r: Number(r), p: Number(p) }
      const derived = await derive(fits ? password : '', Buffer.from(salt, 'base64'), cost)
      return (
        timingSafeEqual(derived, Buffer.from(hash, 'base64')) && fits && known !== null && known !== undefined
      )
    } finally {
      this.#busy -= 1
      this.#queue.shift()?.()
    }
  }

  async #turn(): Promise<void> {
    if (this.#queue.length >= waiting) throw new TsaltError('login-too-often', { seconds: 1 })
    while (this.#busy >= atOnce) await new Promise<void>((resolve) => this.#queue.push(resolve))
    this.#busy += 1
  }
}

function derive(password: string, salt: Buffer, { exponent, r, p }: Cost): Promise<Buffer> {
  const N = 2 ** exponent
  return new Promise((resolve, reject) => {
    // Two ways to type the same letter are one password.
    scrypt(password.normalize('NFC'), salt, 32, { N, r, p, maxmem: 256 * N * r }, (error, key) =>
      error ? reject(error) : resolve(key),
    )
  })
}
