/** The schedule of a master, put together from its options. */
import { type Dict, isDict, type Plain, toValue } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { jobsOf } from '../../shared/schedule/layers.ts'
import type { Engine } from '../engines/contract.ts'
import { runnerNames } from '../runners/call.ts'
import { type KnownNames, readMasterEntry } from './master-entry.ts'
import { runEntry, scheduleTag } from './run-entry.ts'
import { MasterScheduler } from './scheduler.ts'

export const scheduleEngine: Engine = {
  name: 'schedule',
  async start({ options, store, clock, log, jobs, callRunner, access, events, doors }) {
    const known = { whens: new Map(), runners: runnerNames() }
    const configured = toValue(options.schedule as Plain) as Dict
    requireRight(configured, known)
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
        const wanted = toValue(next.schedule as Plain) as Dict
        requireRight(wanted, known)
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
function requireRight(configured: Dict, known: KnownNames): void {
  for (const [name, entry] of jobsOf(configured)) {
    // A switch for what operators have added.
    if (isDict(entry) && !entry.has('function') && entry.has('enabled') && entry.size === 1) continue
    const read = readMasterEntry(name, entry, known)
    if (typeof read === 'string') throw new TsaltError('schedule-option-wrong', { name, reason: read })
  }
  for (const [name, entry] of configured)
    if (!isDict(entry) && name !== 'enabled')
      throw new TsaltError('schedule-option-wrong', { name: String(name), reason: 'a mapping is expected' })
}
