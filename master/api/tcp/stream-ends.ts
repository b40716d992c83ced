/**
 * Streams end with the login that they were opened with: at its logout, and when it expires or its user goes. They end
 * as well when the user loses a right: who asks again gets what may still be seen.
 */
import { isDeepStrictEqual } from 'node:util'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { TsaltError } from '../../../shared/errors/error.ts'
import type { Actor } from '../../auth/actor.ts'
import type { Grant } from '../../auth/grant.ts'
import type { Identity } from './identify.ts'
import { recheckTime, streamsPerUser } from './limits.ts'

export class StreamEnds {
  readonly #byToken = new Map<string, Set<AbortController>>()
  readonly #byUser = new Map<string, number>()
  readonly #looks = new Set<() => Promise<void>>()
  readonly #whoIs: (identity: Identity, request: FastifyRequest) => Promise<Actor | undefined>

  /** @param whoIs who a login is now; undefined: it is not good any more */
  constructor(whoIs: (identity: Identity, request: FastifyRequest) => Promise<Actor | undefined>) {
    this.#whoIs = whoIs
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
    const look = (): Promise<void> => this.#look(identity, request, end)
    this.#looks.add(look)
    const timer = setInterval(() => void look(), recheckTime)
    timer.unref()
    reply.raw.once('close', () => {
      clearInterval(timer)
      this.#looks.delete(look)
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

  /** The rules have changed: what has no right any more ends now, and not at the next look. */
  async lookAgain(): Promise<void> {
    await Promise.all([...this.#looks].map((look) => look()))
  }

  async #look(identity: Identity, request: FastifyRequest, end: AbortController): Promise<void> {
    try {
      const now = await this.#whoIs(identity, request)
      if (now === undefined || hasLost(identity.actor.grants, now.grants)) end.abort()
    } catch {
      // The store did not answer: the next look decides.
    }
  }
}

/** Whether something was granted that is not any more. What came on top takes nothing away. */
function hasLost(before: Actor['grants'], now: Actor['grants']): boolean {
  if (now === before || now === 'everything') return false
  if (before === 'everything') return true
  const kept = new Set(now)
  // A reload makes all grants anew: the same words in another line are the same right.
  const words = now.map(wordsOf)
  return before.some(
    (grant) => !kept.has(grant) && !words.some((each) => isDeepStrictEqual(each, wordsOf(grant))),
  )
}

const wordsOf = ({ place: _line, ...words }: Grant): Omit<Grant, 'place'> => words
