/** What the reactor does about an event: for each entry that it is for, the reactions of its files. */
import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import { describeError, isTsaltError } from '../../shared/errors/error.ts'
import type { Access } from '../auth/access.ts'
import { type Actor, trusted } from '../auth/actor.ts'
import type { Events } from '../events/event-bus.ts'
import type { EventRow } from '../store/events.ts'
import { requireCallable } from './callable.ts'
import type { Work } from './consumer.ts'
import type { ReactorEntry } from './entry.ts'
import { dataOf } from './event-data.ts'
import { JobChains } from './job-chains.ts'
import { matcherOf, type TagMatcher } from './matching.ts'
import type { MistakeLog } from './mistake-log.ts'
import { isMachines, type Occasion } from './perform.ts'
import { type Reaction, reactionName } from './reaction.ts'
import type { ReactorFiles } from './reactor-files.ts'

export interface ReactorParts {
  readonly files: ReactorFiles
  readonly perform: (reaction: Reaction, occasion: Occasion) => Promise<boolean>
  readonly access: Pick<Access, 'actor'>
  readonly events: Events
  readonly mistakes: MistakeLog
  readonly clock: Clock
  readonly log: Logger
  /** Milliseconds. Older events are passed over. */
  readonly longest: number
  /** Milliseconds between attempts where the machine failed, not the file. */
  readonly pauses: readonly number[]
  readonly signal: AbortSignal
}

interface Watched {
  readonly entry: ReactorEntry
  readonly matches: TagMatcher
}

export class Reactor {
  readonly #parts: ReactorParts
  readonly #chains = new JobChains()
  #watched: readonly Watched[] = []

  constructor(parts: ReactorParts) {
    this.#parts = parts
  }

  get entries(): readonly ReactorEntry[] {
    return this.#watched.map(({ entry }) => entry)
  }

  set entries(entries: readonly ReactorEntry[]) {
    this.#watched = entries.map((entry) => ({ entry, matches: matcherOf(entry) }))
  }

  isWanted = (tag: string): boolean => this.#watched.some(({ matches }) => matches(tag) !== undefined)

  /** The entries that a tag is for, each with the tag as its files see it. */
  meant(tag: string): { readonly entry: ReactorEntry; readonly tag: string }[] {
    return this.#watched.flatMap(({ entry, matches }) => {
      const seen = matches(tag)
      return seen === undefined ? [] : [{ entry, tag: seen }]
    })
  }

  workOf = (event: EventRow): Work[] =>
    this.meant(event.tag).map(({ entry, tag }) => ({
      lane: `${entry.glob}\n${event.origin ?? ''}`,
      run: () => this.#react(entry, tag, event),
    }))

  actorOf({ as }: ReactorEntry): Actor {
    return as === undefined ? trusted('reactor') : this.#parts.access.actor(as)
  }

  /**
   * Why all that an entry wants would be refused now; a user may be added, or named by a rule, later.
   * Of a user of the system that is known when it acts.
   */
  warningOf(entry: ReactorEntry): string | undefined {
    const { as } = entry
    if (as === undefined || as.startsWith('pam:')) return undefined
    const { grants } = this.actorOf(entry)
    if (grants === 'everything' || grants.length > 0) return undefined
    return `"as" names ${as}, whom no rule lets do anything (no such user, a disabled one, or none of their rules)`
  }

  async #react(entry: ReactorEntry, tag: string, event: EventRow): Promise<void> {
    const { clock, longest, mistakes } = this.#parts
    if (clock.now() - event.at > longest) {
      mistakes.skipped(event)
      return
    }
    for (const name of entry.files) {
      const files = await this.#tried(event, entry, () => this.#parts.files.expand(name))
      for (const file of files ?? []) await this.#reactTo(entry, file, tag, event)
    }
  }

  async #reactTo(entry: ReactorEntry, file: string, tag: string, event: EventRow): Promise<void> {
    const seen = { tag, data: dataOf(event), trusted: entry.trustData }
    const reactions = await this.#tried(event, entry, async () => {
      const read = await this.#parts.files.reactions(file, seen)
      for (const reaction of read) requireCallable(reaction)
      return read
    })
    const long: Promise<unknown>[] = []
    for (const reaction of reactions ?? []) {
      const occasion: Occasion = {
        sequence: event.sequence,
        part: partOf(entry, file, reaction),
        actor: this.actorOf(entry),
        jobComes: (jid) => this.#chains.note(jid, event.tag),
        failed: (error) => this.#tell(event, entry, error),
      }
      const work = this.#tried(event, entry, async () => {
        if (reaction.kind === 'local') this.#chains.require(event.tag, reaction)
        if (!(await this.#parts.perform(reaction, occasion))) return
        this.#parts.mistakes.reacted()
        this.#parts.log.info(
          { tag: event.tag, file, reaction: reaction.id, fun: reactionName(reaction) },
          'reacted',
        )
      })
      // A runner may take its time; the jobs beside it don't wait for it.
      if (reaction.kind === 'runner') long.push(work)
      else await work
    }
    await Promise.all(long)
  }

  /** Again a few times where the machine is to blame; what fails in the end is told, and the reactor goes on. */
  async #tried<Result>(
    event: EventRow,
    entry: ReactorEntry,
    work: () => Promise<Result>,
  ): Promise<Result | undefined> {
    const { signal, pauses } = this.#parts
    for (let attempt = 0; ; attempt++) {
      try {
        return await work()
      } catch (error) {
        // What was interrupted by the end of the master is done again after it.
        if (signal.aborted && isMachines(error)) throw error
        const wait = pauses[attempt]
        if (isMachines(error) && wait !== undefined) {
          await pause(wait, undefined, { signal, ref: false })
          continue
        }
        this.#tell(event, entry, error)
        return undefined
      }
    }
  }

  #tell(event: EventRow, entry: ReactorEntry, error: unknown): void {
    const { mistakes, events, log } = this.#parts
    const { tag, sequence } = event
    const code = isTsaltError(error) ? error.code : 'internal'
    const text = describeError(error)
    log.error({ code, tag, sequence, glob: entry.glob, err: error }, text)
    mistakes.note({ sequence, tag, code, error: text })
    if (!tag.startsWith('salt/reactor/'))
      events.fire('salt/reactor/error', { tag, sequence, reactor: entry.glob, code, error: text })
  }
}

/** Of the whole of what names a reaction, so short that it can be a key. */
function partOf({ glob }: ReactorEntry, file: string, reaction: Reaction): string {
  const whole = JSON.stringify([glob, file, reaction.id, reactionName(reaction)])
  return createHash('sha256').update(whole).digest('base64url').slice(0, 22)
}
