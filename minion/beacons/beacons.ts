/** The beacons of this minion: which there are, begun and ended as configuration, pillar and functions say. */
import { statSync } from 'node:fs'
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import type { Place } from '../../shared/data/place.ts'
import { placeOfKey } from '../../shared/data/provenance.ts'
import { type Dict, equalValues, isDict, type Value } from '../../shared/data/value.ts'
import { describeError } from '../../shared/errors/error.ts'
import type { BeaconReport } from '../modules/contract.ts'
import { type AllBeacons, beaconsInForce, readBeaconsFile } from './beacons-file.ts'
import type { Surroundings } from './contract.ts'
import type { BeaconEntry, FindProgram } from './entry.ts'
import { beaconKinds } from './registry.ts'
import type { RunningBeacon, Tell } from './running-beacon.ts'

export interface BeaconsParts {
  readonly clock: Clock
  readonly log: Logger
  /** Of the configuration. */
  readonly configured: Dict
  /** The same with the places where it stands; asked for where something is wrong. */
  configuredWithPlaces(): Dict | undefined
  /** Holds what functions and states keep; see beacons-file.ts. */
  readonly file: string
  /** As compiled last: the same object until it is compiled again. */
  pillar(): Dict
  readonly findProgram: FindProgram
  /** Brings the programs of the tree, if the master is there: one that is configured is not. */
  fetchPrograms?(): Promise<unknown>
  /** Made when there is a first beacon. */
  surroundings(): Omit<Surroundings, 'isHeld'>
  /** True while a state run is under way. */
  inStateRun(): boolean
  readonly tell: Tell
}

/** Milliseconds. */
const fetchPause = 5 * 60_000

interface Begun {
  readonly value: Value
  readonly isOff: boolean
  /** Whether its program was there: it may come. */
  readonly program: string | undefined
  readonly running: RunningBeacon | undefined
  readonly mistake: string | undefined
}

export class Beacons {
  readonly #parts: BeaconsParts
  #begun = new Map<string, Begun>()
  #seen: { file: string; pillar: Dict | undefined } = { file: '?', pillar: undefined }
  #phase: 'new' | 'started' | 'stopped' = 'new'
  #work: Promise<void> = Promise.resolve()
  #nextFetch = 0

  constructor(parts: BeaconsParts) {
    this.#parts = parts
  }

  start(): void {
    if (this.#phase === 'new') this.#phase = 'started'
    void this.refresh()
  }

  stop(): void {
    this.#phase = 'stopped'
    for (const { running } of this.#begun.values()) running?.stop()
    this.#begun.clear()
  }

  /** Reads again what changed. @param programs also where only programs of the tree did */
  refresh(programs = false): Promise<void> {
    this.#work = this.#work
      .then(() => this.#reload(programs))
      .catch((error: unknown) => {
        this.#parts.log.error({ err: error }, 'the beacons stay as they were')
      })
    return this.#work
  }

  /** undefined: there is none of this name. */
  report(name: string): BeaconReport | undefined {
    const found = this.#begun.get(name)
    return found && { ...found.running?.state, mistake: found.mistake }
  }

  async #reload(programs: boolean): Promise<void> {
    if (this.#phase !== 'started') return
    const { configured, file, pillar } = this.#parts
    const seen = { file: stampOf(file), pillar: pillar() }
    if (!programs && seen.file === this.#seen.file && seen.pillar === this.#seen.pillar) return
    const found = seen.pillar.get('beacons') ?? null
    const all = beaconsInForce(isDict(found) ? found : new Map(), configured, readBeaconsFile(file))
    this.#seen = seen
    if (all.beacons.size === 0 && this.#begun.size === 0) return
    await this.#fetchMissing(all)
    await this.#begin(all)
  }

  /** At most every few minutes: a name may also be a mistake. */
  async #fetchMissing({ beacons }: AllBeacons): Promise<void> {
    const { clock, findProgram, fetchPrograms, log } = this.#parts
    const isMissing = [...beacons].some(([name, { value }]) => {
      const kind = kindOf(name, value)
      return !Object.hasOwn(beaconKinds, kind) && findProgram(kind) === undefined
    })
    if (!isMissing || fetchPrograms === undefined || clock.monotonic() < this.#nextFetch) return
    this.#nextFetch = clock.monotonic() + fetchPause
    try {
      await fetchPrograms()
    } catch (error) {
      log.debug({ err: error }, 'programs of beacons could not be fetched')
    }
  }

  async #begin({ enabled, beacons }: AllBeacons): Promise<void> {
    const before = this.#begun
    this.#begun = new Map()
    for (const [name, { value, isOff, source }] of beacons) {
      const known = before.get(name)
      before.delete(name)
      const next = { value, isOff: isOff || !enabled, program: this.#parts.findProgram(kindOf(name, value)) }
      const isSame =
        known?.isOff === next.isOff && known.program === next.program && equalValues(known.value, value)
      if (known && isSame) {
        this.#begun.set(name, known)
        continue
      }
      known?.running?.stop()
      this.#begun.set(name, { ...next, ...(await this.#beginOne(name, next, source === 'configuration')) })
    }
    for (const { running } of before.values()) running?.stop()
    // While it was read the daemon may have been told to stop.
    if (this.#isStopped()) this.stop()
  }

  async #beginOne(
    name: string,
    { value, isOff }: Pick<Begun, 'value' | 'isOff'>,
    configured: boolean,
  ): Promise<Pick<Begun, 'running' | 'mistake'>> {
    const { log, surroundings, inStateRun, tell } = this.#parts
    const { RunningBeacon } = await import('./running-beacon.ts')
    try {
      const entry = await this.#read(name, value, configured)
      if (isOff || !entry.enabled) return { running: undefined, mistake: undefined }
      const around = { ...surroundings(), isHeld: () => entry.quietInStateRuns && inStateRun() }
      const running = new RunningBeacon(entry, around, tell)
      running.start()
      return { running, mistake: undefined }
    } catch (error) {
      const mistake = describeError(error)
      log.error({ beacon: name, event: 'beacon-invalid' }, mistake)
      return { running: undefined, mistake }
    }
  }

  /** A mistake in the configuration is looked for once more in the file itself, to say where it stands. */
  async #read(name: string, value: Value, configured: boolean): Promise<BeaconEntry> {
    const { readBeacon } = await import('./entry.ts')
    const { findProgram, pillar, configuredWithPlaces } = this.#parts
    const place = (dict: Dict | undefined): Place | undefined => dict && placeOfKey(dict, name)
    const ofPillar = pillar().get('beacons') ?? null
    if (!configured)
      return readBeacon(name, value, findProgram, place(isDict(ofPillar) ? ofPillar : undefined))
    try {
      return await readBeacon(name, value, findProgram)
    } catch (error) {
      const placed = configuredWithPlaces()
      if (placed?.has(name)) await readBeacon(name, placed.get(name) ?? null, findProgram, place(placed))
      throw error
    }
  }

  #isStopped(): boolean {
    return this.#phase === 'stopped'
  }
}

/** As far as it can be told without reading it. */
function kindOf(name: string, value: Value): string {
  const dicts = Array.isArray(value) ? value : [value]
  for (const dict of dicts)
    if (isDict(dict) && typeof dict.get('beacon_module') === 'string')
      return String(dict.get('beacon_module'))
  return name
}

function stampOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false })
  return found === undefined ? '' : `${found.ino} ${found.mtimeMs} ${found.size}`
}
