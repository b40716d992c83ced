/** Forgetting jobs, slice by slice: by age, and the oldest finished ones where all together are too large. */
import type { KeepWish } from '../jobs.ts'
import type { Database } from './database.ts'

/** Of a target: its minion may still say something. */
export const isOpen = "state IN ('pending', 'delivered')"

/** What one slice may take away, so that whoever waits for the store does not wait long. */
export const sliceBytes = 4 * 1024 * 1024

export function makePrune(database: Database): (wish: KeepWish, rows: number) => boolean {
  const finished = `NOT EXISTS (SELECT 1 FROM targets WHERE targets.jid = jobs.jid AND ${isOpen})`
  const begun = database.prepare<[], Removed>('SELECT jid, bytes FROM jobs WHERE removed = 1 LIMIT 1')
  const old = database.prepare<[Pick<KeepWish, 'allBefore' | 'finishedBefore'>], Removed>(
    `SELECT jid, bytes FROM jobs WHERE removed = 0 AND submitted < max(@allBefore, @finishedBefore)
       AND (submitted < @allBefore OR ${finished}) ORDER BY submitted, jid LIMIT 1`,
  )
  const tooMuch = database.prepare<[number], Removed>(
    `SELECT jid, bytes FROM jobs WHERE (SELECT bytes FROM job_size) > ? AND ${finished}
     ORDER BY submitted, jid LIMIT 1`,
  )
  const hide = database.prepare('UPDATE jobs SET removed = 1 WHERE jid = ?')
  const targets = database.prepare<[string], number>('SELECT count(*) FROM targets WHERE jid = ?').pluck()
  const removeTargets = database.prepare(
    'DELETE FROM targets WHERE jid = @jid AND id IN (SELECT id FROM targets WHERE jid = @jid LIMIT @taken)',
  )
  const shrink = database.prepare('UPDATE jobs SET bytes = bytes - ? WHERE jid = ?')
  const removeJob = database.prepare('DELETE FROM jobs WHERE jid = ?')
  return ({ finishedBefore, allBefore, mostBytes }, rows) => {
    let left = rows
    let room = sliceBytes
    while (left > 0 && room > 0) {
      const job = begun.get() ?? old.get({ finishedBefore, allBefore }) ?? tooMuch.get(mostBytes)
      if (job === undefined) return false
      hide.run(job.jid)
      const count = targets.get(job.jid) ?? 0
      const each = Math.max(1, job.bytes / Math.max(1, count))
      const taken = Math.min(count, left, Math.max(1, Math.floor(room / each)))
      removeTargets.run({ jid: job.jid, taken })
      if (taken === count) removeJob.run(job.jid)
      else shrink.run(Math.floor(taken * each), job.jid)
      left -= Math.max(1, taken)
      room -= taken * each
    }
    return true
  }
}

interface Removed {
  readonly jid: string
  readonly bytes: number
}
