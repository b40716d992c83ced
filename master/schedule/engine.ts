/** The schedule of a master, put together from its options. */
import { asWritten } from '../../shared/config/as-written.ts'
import type { MasterOptions } from '../../shared/config/master-options.ts'
import type { Place } from '../../shared/data/place.ts'
import { placeOfKey } from '../../shared/data/provenance.ts'
import { type Dict, isDict, type Key, type Value } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { jobsOf } from '../../shared/schedule/layers.ts'
import type { Engine } from '../engines/contract.ts'
import { nodegroupsOf } from '../pillar/open-pillars.ts'
import { runnerNames } from '../runners/call.ts'
import { type KnownNames, readMasterEntry } from './master-entry.ts'
import { runEntry, scheduleTag } from './run-entry.ts'
import { MasterScheduler } from './scheduler.ts'

export const scheduleEngine: Engine = {
  name: 'schedule',
  async start({ options, store, clock, log, jobs, callRunner, access, events, doors }) {
    const known = { whens: new Map(), runners: runnerNames() }
    const configured = requireRight(options, known)
    const stopping = new AbortController()
    const running = { jobs, callRunner, access, events, clock, log, signal: stopping.signal }
    let runners = 0
    const scheduler = new MasterScheduler({
      store: store.schedules,
      clock,
      log,
      configured,
      known,
      token: ({ target }) => {
        runners += 1
        return target === undefined ? `runner ${runners}` : jobs.reserveJid()
      },
      run: (entry, token, begun) => runEntry(running, entry, token, begun),
      interrupted(name, due) {
        log.warn({ schedule: name, due }, 'a scheduled runner was interrupted by the end of the master')
        events.fire(scheduleTag(name, 'ret'), { schedule: name, due, success: false, code: 'interrupted' })
      },
    })
    await scheduler.start()
    doors.schedule = scheduler
    return {
      prepare(next) {
        const wanted = requireRight(next, known)
        return () => scheduler.configure(wanted)
      },
      async stop() {
        stopping.abort()
        delete doors.schedule
        await scheduler.stop()
      },
    }
  },
}

/** @throws TsaltError `schedule-option-wrong` */
function requireRight(options: MasterOptions, known: KnownNames): Dict {
  const configured = asWritten(options.schedule) as Dict
  const nodegroups = nodegroupsOf(options)
  for (const [name, entry] of jobsOf(configured)) {
    // A switch for what operators have added.
    if (isDict(entry) && !entry.has('function') && entry.has('enabled') && entry.size === 1) continue
    const read = readMasterEntry(name, entry, { ...known, nodegroups })
    if (typeof read === 'string') throw wrong(configured, name, read)
  }
  for (const [name, entry] of configured)
    if (!isDict(entry) && name !== 'enabled') throw wrong(configured, name, 'a mapping is expected')
  return configured
}

const wrong = (configured: Dict, name: Key, reason: string): TsaltError =>
  new TsaltError(
    'schedule-option-wrong',
    { name: String(name), reason },
    { place: placeWithin(configured, name, reason) },
  )

/** The argument that the reason names, or the one whose value it shows; else the entry. */
function placeWithin(configured: Dict, name: Key, reason: string): Place | undefined {
  const entry = configured.get(name) ?? null
  const words: readonly [Key, Value][] = isDict(entry) ? [...entry] : []
  const shown = words.find(
    ([key]) => reason.includes(`"${String(key)}"`) || reason.startsWith(`${String(key)}:`),
  )
  const [key] = shown ?? words.find(([, value]) => reason.includes(`"${String(value)}"`)) ?? []
  return (key === undefined ? undefined : placeOfKey(entry, key)) ?? placeOfKey(configured, name)
}
