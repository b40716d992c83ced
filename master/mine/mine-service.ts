/** The mine: takes what minions' functions answer, and gives each asker what it may read of it. */
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import { describeError, isTsaltError, TsaltError } from '../../shared/errors/error.ts'
import type { MinionId } from '../../shared/ids.ts'
import type { MineData, MineGet } from '../../shared/protocol/messages/mine-get.ts'
import {
  deepestMineValue,
  type MinePut,
  type MineStored,
  mostMineNames,
} from '../../shared/protocol/messages/mine-put.ts'
import { flawOfJson } from '../../shared/protocol/strict-json.ts'
import { Allowances } from '../gateway/allowances.ts'
import type { MineExcess, MineStore } from '../store/mine.ts'
import type { AcceptedMinion } from '../targeting/resolve.ts'
import { compileReaders, type ReaderParts } from './mine-readers.ts'
import { MineShelf } from './mine-shelf.ts'
import { readMine } from './read-mine.ts'

export interface MineParts extends ReaderParts {
  readonly store: MineStore
  readonly clock: Clock
  readonly log: Logger
  /** Of what one minion may keep, in bytes of JSON. */
  readonly size: () => number
}

export interface MineService {
  /**
   * @returns what was not taken, and why; the rest is on the disk
   * @throws TsaltError `mine-flood`, `store-write-failed`
   */
  put(from: AcceptedMinion, put: MinePut): Promise<MineStored>
  /**
   * What this minion may read. Nobody is meant: an empty answer, as in Salt.
   * @throws TsaltError `mine-flood`, `mine-target-invalid`, `mine-target-pillar`, `mine-answer-too-large`
   */
  get(asker: AcceptedMinion, wanted: MineGet): Promise<MineData>
  /** As `get`, for a template of the pillar that is being made for it: targets cannot look into pillars. */
  getForPillar(asker: AcceptedMinion, wanted: MineGet): Promise<MineData>
  /** For operators: all there is. */
  show(wanted: MineGet): Promise<MineData>
  /** For operators: under which names these minions have something. */
  names(minions: readonly AcceptedMinion[]): Promise<readonly { id: MinionId; names: readonly string[] }[]>
  /** For operators: what these minions have under these names goes; all of it without names. */
  clear(minions: readonly AcceptedMinion[], names?: readonly string[]): Promise<void>
  /** A key was deleted. */
  forget(id: MinionId): void
}

/** Writes of one minion at once and in a second, and questions. */
export const putAllowance = { burst: 60, rate: 2 }
const getAllowance = { burst: 1_000, rate: 20 }

export function makeMine(given: MineParts): MineService {
  const { store, clock, log } = given
  const parts = { ...given, shelf: new MineShelf(store) }
  const puts = new Allowances(clock, putAllowance.burst, putAllowance.rate)
  const gets = new Allowances(clock, getAllowance.burst, getAllowance.rate)
  const spend = (id: MinionId, allowances: Allowances): void => {
    const { burst, rate } = allowances
    if (!allowances.spend(id)) throw new TsaltError('mine-flood', { id, burst, rate })
  }
  return {
    async put(from, body) {
      spend(from.id, puts)
      return takeEntries(from, body, parts)
    },
    async get(asker, wanted) {
      spend(asker.id, gets)
      return readMine(wanted, { asker, pillars: true }, parts)
    },
    getForPillar: (asker, wanted) => readMine(wanted, { asker, pillars: false }, parts),
    show: (wanted) => readMine(wanted, { asker: undefined, pillars: true }, parts),
    names: (minions) =>
      Promise.all(
        minions.map(async ({ id, generation }) => {
          const rows = await store.of(id, generation)
          return { id, names: rows.map(({ name }) => name) }
        }),
      ),
    async clear(minions, names) {
      const at = clock.now()
      const change = { at, keep: [], configured: false, entries: [], remove: names ?? [] }
      const clear = names === undefined ? 'all' : 'nothing'
      const limits = { names: mostMineNames, bytes: parts.size() }
      await Promise.all(
        minions.map(({ id, generation }) => store.put({ id, generation, ...change, clear }, limits)),
      )
    },
    forget(id) {
      store.forget(id).catch((error: unknown) => {
        log.error({ err: error, id }, 'could not forget the mine of a deleted minion')
      })
    },
  }
}

async function takeEntries(from: AcceptedMinion, put: MinePut, parts: MineParts): Promise<MineStored> {
  const { store, clock, targeting, log } = parts
  const size = parts.size()
  const refused: MineStored['refused'][number][] = []
  const taken = put.entries.filter(({ name, value, readers }) => {
    try {
      const flaw = flawOfJson(value, deepestMineValue)
      if (flaw !== undefined) throw new TsaltError('mine-value-invalid', { reason: flaw })
      const grains = readers && compileReaders(readers, targeting.nodegroups).grains
      if (grains?.size !== 0 && readers !== undefined)
        log.debug({ id: from.id, name, readers }, 'who may read an entry hangs on grains, which minions set')
      return true
    } catch (error) {
      if (!isTsaltError(error)) throw error
      refused.push({ name, code: error.code, message: describeError(error) })
      return false
    }
  })
  const excess = await store.put(
    {
      ...from,
      ...put,
      at: clock.now(),
      entries: taken,
      // What was readable by some before must not stay so under a rule that cannot be read.
      remove: [...put.remove, ...refused.map(({ name }) => name)],
    },
    { names: mostMineNames, bytes: size },
  )
  return { refused: [...refused, ...excess.map((one) => described(one, size))] }
}

function described({ name, exceeds, size }: MineExcess, limit: number): MineStored['refused'][number] {
  const error =
    exceeds === 'names'
      ? new TsaltError('mine-too-many', { limit: mostMineNames })
      : new TsaltError('mine-too-large', { size, limit })
  return { name, code: error.code, message: describeError(error) }
}
