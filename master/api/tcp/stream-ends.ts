/** Streams end with the login that they were opened with: at its logout, and when it expires or its user goes. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { TsaltError } from '../../../shared/errors/error.ts'
import type { Identity } from './identify.ts'
import { recheckTime, streamsPerUser } from './limits.ts'

export class StreamEnds {
  readonly #byToken = new Map<string, Set<AbortController>>()
  readonly #byUser = new Map<string, number>()
  readonly #holds: (identity: Identity, request: FastifyRequest) => Promise<boolean>

  /** @param holds whether a login is still good */
  constructor(holds: (identity: Identity, request: FastifyRequest) => Promise<boolean>) {
    this.#holds = holds
  }

  /** To be asked once for each stream. @throws TsaltError `rate-limited` */
  of(identity: Identity, request: FastifyRequest, reply: FastifyReply): AbortSignal {
    const { name } = identity.actor
    const open = this.#byUser.get(name) ?? 0
    if (open >= streamsPerUser)
      throw new TsaltError(
        'rate-limited',
        { who: name, seconds: 60 },
        { hint: `${streamsPerUser} streams are open already; close some of them.` },
      )
    this.#byUser.set(name, open + 1)
    const end = new AbortController()
    const key = identity.token ?? ''
    const ends = this.#byToken.get(key) ?? new Set()
    this.#byToken.set(key, ends.add(end))
    const timer = setInterval(() => void this.#look(identity, request, end), recheckTime)
    timer.unref()
    reply.raw.once('close', () => {
      clearInterval(timer)
      ends.delete(end)
      if (ends.size === 0 && this.#byToken.get(key) === ends) this.#byToken.delete(key)
      const left = (this.#byUser.get(name) ?? 1) - 1
      if (left > 0) this.#byUser.set(name, left)
      else this.#byUser.delete(name)
    })
    return end.signal
  }

  loggedOut(token: string): void {
    for (const end of this.#byToken.get(token) ?? []) end.abort()
  }

  async #look(identity: Identity, request: FastifyRequest, end: AbortController): Promise<void> {
    try {
      if (!(await this.#holds(identity, request))) end.abort()
    } catch {
      // The store did not answer: the next look decides.
    }
  }
}
