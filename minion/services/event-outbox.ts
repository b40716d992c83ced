/**
 * Events on their way to the master: on the disk before the teller goes on, then sent one after another until the
 * master has stored them. At least once; the key of each lets the master count it once.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import * as v from 'valibot'
import type { Clock } from '../../shared/clock.ts'
import type { MinionOptions } from '../../shared/config/minion-options.ts'
import { encodeValue, type Json } from '../../shared/data/codec.ts'
import type { Dict, Value } from '../../shared/data/value.ts'
import { isTsaltError, TsaltError } from '../../shared/errors/error.ts'
import type { Redactor } from '../../shared/pillar/redactor.ts'
import { BeaconSend } from '../../shared/protocol/messages/beacon-send.ts'
import { EventSend, eventTag, largestEvent, longestTag } from '../../shared/protocol/messages/event-send.ts'
import { writeFileAtomicSync } from '../system/atomic-file.ts'
import type { MasterPort } from './master-port.ts'

export interface EventOutboxParts {
  /** Made when the first event comes. */
  readonly folder: string
  readonly clock: Clock
  readonly log: Logger
  /** Takes secrets out. */
  redact(data: Json): Json
  isReady(): boolean
  /** Resolves when the master has stored it. */
  deliver(event: Outgoing): Promise<unknown>
}

/** What was told, or what a beacon saw. */
export type Outgoing = EventSend | BeaconSend

export interface EventOutboxLimits {
  readonly events: number
  /** Milliseconds before an event is tried again that the master could not take. */
  readonly pause: number
}

const usual: EventOutboxLimits = { events: 2_000, pause: 5_000 }
/** What the master will say again of the same event. */
const final: ReadonlySet<unknown> = new Set(['event-too-large', 'message-malformed', 'message-unknown'])

export class EventOutbox {
  readonly #parts: EventOutboxParts
  readonly #limits: EventOutboxLimits
  /** Names of files, oldest first; undefined: the folder was not looked at yet. */
  #names: string[] | undefined
  #sending: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #last = 0
  #stopped = false

  constructor(parts: EventOutboxParts, limits: EventOutboxLimits = usual) {
    this.#parts = parts
    this.#limits = limits
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting().length
  }

  /**
   * Returns when it is on the disk; the master has it when it can.
   * @throws TsaltError `event-tag-invalid`, `event-too-large`, `event-outbox-full`, `disk-full`, `file-unwritable`
   */
  put(tag: string, data: Value): void {
    if (!v.safeParse(eventTag, tag).success)
      throw new TsaltError('event-tag-invalid', { tag: JSON.stringify(tag.slice(0, 100)) })
    this.#keep(tag, data, (key, clean) => ({ key, tag, data: clean }))
  }

  /**
   * As put: what a beacon saw.
   * @param tag what comes after the beacon's name; too long it is cut, and control characters become `_`
   * @throws TsaltError `event-too-large`, `event-outbox-full`, `disk-full`, `file-unwritable`
   */
  see(beacon: string, tag: string, data: Dict): void {
    const short = tag.slice(0, longestTag).replace(/\p{C}/gu, '_')
    this.#keep(`${beacon}/${tag}`, data, (key, clean) => ({ key, beacon, tag: short, data: clean }))
  }

  #keep(tag: string, data: Value, make: (key: string, data: Json) => Outgoing): void {
    const { clock, folder, redact } = this.#parts
    const clean = redact(encodeValue(data))
    const size = Buffer.byteLength(JSON.stringify(clean))
    if (size > largestEvent) throw new TsaltError('event-too-large', { tag, size, limit: largestEvent })
    const names = this.#waiting()
    if (names.length >= this.#limits.events)
      throw new TsaltError('event-outbox-full', { count: names.length })
    const event = make(clock.randomHex(16), clean)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const name = this.#nextName(names)
    writeFileAtomicSync(join(folder, name), JSON.stringify(event), { walk: false })
    names.push(name)
    this.connected()
  }

  /** After every connect. */
  connected(): void {
    clearTimeout(this.#timer)
    if (this.#stopped || this.#sending !== undefined || !this.#parts.isReady()) return
    if (this.#waiting().length === 0) return
    this.#sending = this.#sendAll().finally(() => {
      this.#sending = undefined
    })
  }

  /** What is not sent yet stays for the next start. */
  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  /** Names sort in the order of their events, whatever the clock does. */
  #nextName(names: readonly string[]): string {
    this.#last = Math.max(this.#last, Number.parseInt(names.at(-1) ?? '0', 10)) + 1
    return `${String(this.#last).padStart(15, '0')}.json`
  }

  #waiting(): string[] {
    this.#names ??= namesIn(this.#parts.folder)
    return this.#names
  }

  async #sendAll(): Promise<void> {
    const names = this.#waiting()
    const { log, isReady } = this.#parts
    while (!this.#stopped && isReady()) {
      const [name] = names
      if (name === undefined) return
      try {
        const event = this.#read(name)
        if (event !== undefined) await this.#parts.deliver(event)
      } catch (error) {
        const reason = isTsaltError(error) ? error.parameters.code : undefined
        if (!final.has(reason)) {
          log.debug({ err: error }, 'an event waits for the master')
          this.#timer = setTimeout(() => this.connected(), this.#limits.pause).unref()
          return
        }
        log.warn({ err: error }, 'the master refused an event, which is dropped')
      }
      rmSync(join(this.#parts.folder, name), { force: true })
      names.shift()
    }
  }

  /** undefined: nothing that could be sent, and the log says so. */
  #read(name: string): Outgoing | undefined {
    try {
      const kept: unknown = JSON.parse(readFileSync(join(this.#parts.folder, name), 'utf8'))
      return v.parse(v.union([EventSend, BeaconSend]), kept)
    } catch (error) {
      this.#parts.log.warn({ err: error, name }, 'an event that waited could not be read and is dropped')
      return undefined
    }
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^\d{15}\.json$/.test(name))
      .sort()
  } catch {
    return []
  }
}

/** @param master undefined before there is one */
export function openOutbox(
  { options, clock, log, redactor }: OutboxSetup,
  master: () => MasterPort | undefined,
): EventOutbox {
  return new EventOutbox({
    folder: join(options.state_dir, 'events'),
    clock,
    log,
    redact: (data) => redactor.json(data),
    isReady: () => master()?.isReady === true,
    deliver: async (event) =>
      'beacon' in event ? master()?.request('beacon.send', event) : master()?.request('event.send', event),
  })
}

interface OutboxSetup extends Pick<EventOutboxParts, 'clock' | 'log'> {
  readonly options: Pick<MinionOptions, 'state_dir'>
  readonly redactor: Redactor
}
