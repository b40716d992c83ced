/**
 * Works through the events in their order, each at least once: how far it came is in the store, and after a crash it
 * goes on with the first event that was not done with. Events of one entry and one teller have their turn one after
 * the other; all else goes on beside it, up to a limit.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import type { Json } from '../../shared/data/codec.ts'
import type { EventBus } from '../events/event-bus.ts'
import type { ConsumerStore } from '../store/consumers.ts'
import type { EventRow } from '../store/events.ts'
import { Slots } from './slots.ts'

export interface ConsumerParts {
  readonly name: string
  readonly store: ConsumerStore
  readonly events: Pick<EventBus, 'follow'>
  /** The number of the newest event: where a consumer begins that never was. */
  readonly last: () => Promise<number>
  readonly clock: Clock
  readonly log: Logger
  /** Pieces of work under way at once. */
  readonly width: number
  /** Cheap; asked of every event. */
  readonly isWanted: (tag: string) => boolean
  /** What an event comes to. Those with one lane are worked on one after the other. */
  readonly workOf: (event: EventRow) => readonly Work[]
  /** Kept with the offset. */
  readonly data: () => Json
}

export interface Work {
  readonly lane: string
  /** Rejects only where it is to be done again after the next start. */
  run(): Promise<void>
}

/** Of a consumer that has nothing to do: it will begin with what happens then. */
const asleep = -1
/** Events that are looked at ahead of those being worked on. */
const ahead = 20_000
/** Milliseconds. */
const saveEvery = 1_000
const patience = 5_000

export class Consumer {
  readonly #parts: ConsumerParts
  readonly #stopping = new AbortController()
  readonly #slots: Slots
  readonly #lanes = new Map<string, Promise<void>>()
  /** Events that are not done with, in their order. */
  readonly #pending = new Set<number>()
  readonly #underWay = new Set<Promise<void>>()
  #looked = 0
  #starting: Promise<void> | undefined
  #started = false
  #saved = -1
  #saving: NodeJS.Timeout | undefined
  #reading: Promise<void> = Promise.resolve()
  #wake = (): void => {}

  constructor(parts: ConsumerParts) {
    this.#parts = parts
    this.#slots = new Slots(parts.width)
  }

  /** Where it was, or with what happens from now on. */
  start(): Promise<void> {
    this.#starting ??= this.#start()
    return this.#starting
  }

  async #start(): Promise<void> {
    const { store, name, last } = this.#parts
    const known = await store.find(name)
    const isNew = known === undefined || known.sequence === asleep
    this.#looked = isNew ? await last() : known.sequence
    this.#started = true
    if (isNew) await this.save()
    else this.#saved = known.sequence
    this.#reading = this.#read()
  }

  /** Everything up to this event is done with. */
  get offset(): number {
    const [first] = this.#pending
    return first === undefined ? this.#looked : first - 1
  }

  get underWay(): number {
    return this.#slots.taken
  }

  /** Writes down how far it came, with its data. */
  async save(): Promise<void> {
    const { store, name, data } = this.#parts
    const sequence = this.#started ? this.offset : asleep
    await store.put({ name, sequence, data: data() })
    this.#saved = sequence
  }

  saveSoon(): void {
    this.#saving ??= setTimeout(() => {
      this.#saving = undefined
      this.save().catch((error: unknown) =>
        this.#parts.log.error({ err: error }, 'how far it came could not be kept'),
      )
    }, saveEvery).unref()
  }

  /** Ends between two pieces of work; long ones are not waited for. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#wake()
    await this.#reading
    const longest = new AbortController()
    await Promise.race([
      Promise.allSettled([...this.#underWay]),
      pause(patience, undefined, { signal: longest.signal, ref: false }).catch(() => undefined),
    ])
    longest.abort()
    clearTimeout(this.#saving)
    if (this.#started && this.offset !== this.#saved) await this.save()
  }

  async #read(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      try {
        await this.#follow(signal)
      } catch (error) {
        this.#parts.log.error({ err: error }, 'events could not be read')
        await pause(saveEvery, undefined, { signal, ref: false }).catch(() => undefined)
      }
    }
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { events, isWanted } = this.#parts
    const matches = (tag: string, sequence: number): boolean => {
      // An event that is read again after trouble is being worked on already.
      if (sequence <= this.#looked) return false
      const wanted = isWanted(tag)
      // Before it is looked at: the offset must not pass it.
      if (wanted) this.#pending.add(sequence)
      this.#looked = sequence
      this.saveSoon()
      return wanted
    }
    const from = this.#looked
    let reached = from
    try {
      for await (const event of events.follow({ since: from, matches, live: true, signal })) {
        reached = event.sequence
        this.#take(event)
        while (this.#pending.size >= ahead && !signal.aborted)
          await new Promise<void>((resolve) => {
            this.#wake = resolve
          })
      }
    } catch (error) {
      // What was counted as pending and never came is read again.
      for (const sequence of [...this.#pending].filter((each) => each > reached))
        this.#pending.delete(sequence)
      this.#looked = reached
      throw error
    }
  }

  #take(event: EventRow): void {
    const { sequence } = event
    const work = this.#parts.workOf(event).map((each) => this.#inLane(this.#small(each, sequence)))
    const whole = Promise.all(work)
      .then(() => {
        this.#pending.delete(sequence)
        this.saveSoon()
        this.#wake()
      })
      // It stays pending, so the offset does not pass it: the next start does it again.
      .catch((error: unknown) => {
        if (!this.#stopping.signal.aborted)
          this.#parts.log.error({ err: error }, 'an event is left for the next start')
      })
      .finally(() => this.#underWay.delete(whole))
    this.#underWay.add(whole)
  }

  /** What has to wait is read again when its turn comes: thousands may wait behind something slow. */
  #small(work: Work, sequence: number): Work {
    const { lane } = work
    if (!this.#lanes.has(lane) && this.#slots.free) return work
    return {
      lane,
      run: async () => {
        const event = await this.#reread(sequence)
        await (event && this.#parts.workOf(event).find((each) => each.lane === lane))?.run()
      },
    }
  }

  /** undefined: it is not kept any more. */
  async #reread(sequence: number): Promise<EventRow | undefined> {
    const { signal } = this.#stopping
    const matches = (_: string, each: number): boolean => each === sequence
    for await (const event of this.#parts.events.follow({
      since: sequence - 1,
      matches,
      live: false,
      signal,
    }))
      return event
    return undefined
  }

  #inLane({ lane, run }: Work): Promise<void> {
    const before = this.#lanes.get(lane) ?? Promise.resolve()
    const turn = before.then(() =>
      this.#slots.with(async () => {
        if (this.#stopping.signal.aborted) throw new Error('the master stops')
        await run()
      }),
    )
    const next = turn
      .catch(() => undefined)
      .then(() => {
        if (this.#lanes.get(lane) === next) this.#lanes.delete(lane)
      })
    this.#lanes.set(lane, next)
    return turn
  }
}
