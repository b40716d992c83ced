/** Jobs and their targets in SQLite. */
import type { Json } from '../../../shared/data/codec.ts'
import type { JobId, MinionId, Sha256 } from '../../../shared/ids.ts'
import type { Target } from '../../api/schemas.ts'
import type { JobRow, JobStore, JobWithTargets, KillSignal, TargetRow, TargetState } from '../jobs.ts'
import type { Database, MigrationList } from './database.ts'
import type { WriteQueue } from './write-queue.ts'

export const jobMigrations: MigrationList = {
  area: 'jobs',
  steps: [
    `CREATE TABLE jobs (
       jid TEXT NOT NULL PRIMARY KEY,
       fun TEXT NOT NULL,
       args TEXT NOT NULL,
       kwargs TEXT NOT NULL,
       target TEXT NOT NULL,
       defaulted INTEGER NOT NULL,
       operator TEXT NOT NULL,
       submitted INTEGER NOT NULL,
       expires INTEGER NOT NULL,
       trees TEXT NOT NULL
     ) STRICT;
     CREATE INDEX jobs_by_age ON jobs (submitted);
     CREATE TABLE targets (
       jid TEXT NOT NULL REFERENCES jobs ON DELETE CASCADE,
       position INTEGER NOT NULL,
       id TEXT NOT NULL,
       generation INTEGER NOT NULL,
       state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'returned', 'expired')),
       since INTEGER NOT NULL,
       attempted INTEGER NOT NULL,
       killed TEXT,
       strays INTEGER NOT NULL DEFAULT 0,
       PRIMARY KEY (jid, id)
     ) STRICT, WITHOUT ROWID;
     CREATE INDEX open_targets ON targets (jid) WHERE state IN ('pending', 'delivered');
     CREATE TABLE last_jid (one INTEGER PRIMARY KEY CHECK (one = 1), jid TEXT NOT NULL) STRICT;`,
    'ALTER TABLE targets ADD COLUMN held INTEGER NOT NULL DEFAULT 0',
  ],
}

interface StoredJob {
  readonly jid: string
  readonly fun: string
  readonly args: string
  readonly kwargs: string
  readonly target: string
  readonly defaulted: number
  readonly operator: string
  readonly submitted: number
  readonly expires: number
  readonly trees: string
}

interface StoredTarget {
  readonly id: string
  readonly generation: number
  readonly state: string
  readonly since: number
  readonly attempted: number
  readonly killed: string | null
  readonly strays: number
  readonly held: number
}

const jobColumns = 'jid, fun, args, kwargs, target, defaulted, operator, submitted, expires, trees'
const targetColumns = 'id, generation, state, since, attempted, killed, strays, held'
const isOpen = "state IN ('pending', 'delivered')"

export function makeSqliteJobs(database: Database, queue: WriteQueue): JobStore {
  return { ...makeReads(database), ...makeWrites(database, queue) }
}

type Reads = Pick<JobStore, 'find' | 'targets' | 'target' | 'list' | 'lastJid' | 'open'>

function makeReads(database: Database): Reads {
  const one = database.prepare<[string], StoredJob>(`SELECT ${jobColumns} FROM jobs WHERE jid = ?`)
  const newest = database.prepare<[number], StoredJob>(
    `SELECT ${jobColumns} FROM jobs ORDER BY jid DESC LIMIT ?`,
  )
  const withOpen = database.prepare<[], StoredJob>(
    `SELECT ${jobColumns} FROM jobs WHERE jid IN (SELECT jid FROM targets WHERE ${isOpen}) ORDER BY jid`,
  )
  const targetsOf = database.prepare<[string], StoredTarget>(
    `SELECT ${targetColumns} FROM targets WHERE jid = ? ORDER BY position`,
  )
  const openOf = database.prepare<[string], StoredTarget>(
    `SELECT ${targetColumns} FROM targets WHERE jid = ? AND ${isOpen} ORDER BY position`,
  )
  const target = database.prepare<[string, string], StoredTarget>(
    `SELECT ${targetColumns} FROM targets WHERE jid = ? AND id = ?`,
  )
  const last = database.prepare<[], string>('SELECT jid FROM last_jid').pluck()
  return {
    async find(jid) {
      const row = one.get(jid)
      return row && jobOf(row)
    },
    targets: async (jid) => targetsOf.all(jid).map(targetOf),
    async target(jid, id) {
      const row = target.get(jid, id)
      return row && targetOf(row)
    },
    list: async (limit) => newest.all(limit).map(jobOf),
    lastJid: async () => last.get() as JobId | undefined,
    open: async () =>
      withOpen
        .all()
        .map((row): JobWithTargets => ({ job: jobOf(row), targets: openOf.all(row.jid).map(targetOf) })),
  }
}

function makeWrites(database: Database, queue: WriteQueue): Omit<JobStore, keyof Reads> {
  const add = makeAdd(database)
  const attempted = database.prepare('UPDATE targets SET attempted = 1 WHERE jid = ? AND id = ?')
  const released = database.prepare('UPDATE targets SET held = 0 WHERE jid = ? AND id = ?')
  const delivered = database.prepare(
    "UPDATE targets SET state = 'delivered', since = ?, attempted = 1 WHERE jid = ? AND id = ? AND state IN ('pending', 'expired')",
  )
  const expired = database.prepare(
    "UPDATE targets SET state = 'expired', since = ? WHERE jid = ? AND id = ? AND state = 'pending'",
  )
  const killed = database.prepare(`UPDATE targets SET killed = ? WHERE jid = ? AND id = ? AND ${isOpen}`)
  const prune = database.prepare(
    `DELETE FROM jobs WHERE jid IN (
       SELECT jid FROM jobs WHERE submitted < @allBefore OR (submitted < @finishedBefore
         AND NOT EXISTS (SELECT 1 FROM targets WHERE targets.jid = jobs.jid AND ${isOpen}))
       ORDER BY submitted LIMIT @limit)`,
  )
  return {
    add: (job, targets) => queue.write(() => add(job, targets), 500 + targets.length * 100),
    released: (jid, ids) =>
      queue.write(() => {
        for (const id of ids) released.run(jid, id)
      }, ids.length * 100),
    attempted: (jid, ids) =>
      queue.write(() => {
        for (const id of ids) attempted.run(jid, id)
      }, ids.length * 100),
    delivered: (jid, id, at) => queue.write(() => void delivered.run(at, jid, id)),
    expired: (jid, ids, at) =>
      queue.write(() => {
        for (const id of ids) expired.run(at, jid, id)
      }, ids.length * 100),
    killed: (jid, ids, signal) =>
      queue.write(() => {
        for (const id of ids) killed.run(signal, jid, id)
      }, ids.length * 100),
    prune: (finishedBefore, allBefore, limit) =>
      queue.write(() => prune.run({ finishedBefore, allBefore, limit }).changes),
  }
}

function makeAdd(database: Database): (...args: Parameters<JobStore['add']>) => boolean {
  const addJob = database.prepare(
    `INSERT INTO jobs (${jobColumns}) VALUES
       (@jid, @fun, @args, @kwargs, @target, @defaulted, @operator, @submitted, @expires, @trees)
     ON CONFLICT (jid) DO NOTHING`,
  )
  const addTarget = database.prepare(
    `INSERT INTO targets (jid, position, id, generation, state, since, attempted, held)
     VALUES (?, ?, ?, ?, 'pending', ?, ?, ?)`,
  )
  const raise = database.prepare(
    `INSERT INTO last_jid (one, jid) VALUES (1, ?)
     ON CONFLICT (one) DO UPDATE SET jid = excluded.jid WHERE jid < excluded.jid`,
  )
  return (job, targets) => {
    const { changes } = addJob.run({
      ...job,
      args: JSON.stringify(job.args),
      kwargs: JSON.stringify(job.kwargs),
      target: JSON.stringify(job.target),
      defaulted: Number(job.defaulted),
      trees: JSON.stringify(job.trees),
    })
    if (changes === 0) return false
    raise.run(job.jid)
    for (const [position, { id, generation, attempted, held }] of targets.entries())
      addTarget.run(
        job.jid,
        position,
        id,
        generation,
        job.submitted,
        Number(attempted),
        Number(held ?? false),
      )
    return true
  }
}

// What is in the table was validated when it was written, so it takes its types back by a cast.
const jobOf = (row: StoredJob): JobRow => ({
  jid: row.jid as JobId,
  fun: row.fun,
  args: JSON.parse(row.args) as Json[],
  kwargs: JSON.parse(row.kwargs) as Record<string, Json>,
  target: JSON.parse(row.target) as Target,
  defaulted: row.defaulted === 1,
  operator: row.operator,
  submitted: row.submitted,
  expires: row.expires,
  trees: JSON.parse(row.trees) as Record<string, Sha256>,
})

const targetOf = (row: StoredTarget): TargetRow => ({
  id: row.id as MinionId,
  generation: row.generation,
  state: row.state as TargetState,
  since: row.since,
  attempted: row.attempted === 1,
  killed: (row.killed as KillSignal | null) ?? undefined,
  strays: row.strays,
  held: row.held === 1,
})
