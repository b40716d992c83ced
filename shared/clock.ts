/** The only source of time and randomness, passed in so that a test can set both. */

export interface Clock {
  /** Wall time, milliseconds since the epoch. For certificates, expiry and what people read. */
  now(): number
  /** Monotonic milliseconds. For intervals. */
  monotonic(): number
  /** A number in [0, 1), for jitter. */
  random(): number
  /** `bytes` random bytes as lower-case hex. */
  randomHex(bytes: number): string
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  random: () => Math.random(),
  // Web Crypto is loaded at its first use; node:crypto would cost every command line 4 ms.
  randomHex: (bytes) => Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('hex'),
}
