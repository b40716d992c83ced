/** How long a chain of reactions and jobs is in which each comes of the one before: an endless one is ended. */
import { TsaltError } from '../../shared/errors/error.ts'
import type { JobId } from '../../shared/ids.ts'
import type { Reaction } from './reaction.ts'

const longestChain = 10
/** Jobs that are remembered. */
const most = 20_000
const ofJob = /^salt\/(?:job|state_result)\/(\d{20})\//

export class JobChains {
  readonly #depths = new Map<string, number>()

  /** @throws TsaltError `reactor-loop` where a job for this event would make the chain too long */
  require(tag: string, reaction: Reaction): void {
    const depth = this.#depth(tag)
    if (depth >= longestChain) throw new TsaltError('reactor-loop', { reaction: reaction.id, depth })
  }

  /** A job comes of an event. */
  note(jid: JobId, tag: string): void {
    this.#depths.set(jid, this.#depth(tag) + 1)
    if (this.#depths.size <= most) return
    const [oldest] = this.#depths.keys()
    if (oldest !== undefined) this.#depths.delete(oldest)
  }

  #depth(tag: string): number {
    return this.#depths.get(ofJob.exec(tag)?.[1] ?? '') ?? 0
  }
}
