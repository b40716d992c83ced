/** Jobs and their targets in SQLite. */
import type { Json } from '../../../shared/data/codec.ts'
import type { JobId, MinionId, Sha256 } from '../../../shared/ids.ts'
import type { Outcome } from '../../../shared/protocol/messages/job-return.ts'
import type { Target } from '../../api/schemas.ts'
import type { JobRow, JobStore, JobWithTargets, KillSignal, TargetRow, TargetState } from '../jobs.ts'
import type { Database, MigrationList } from './database.ts'
import { isOpen, makePrune, sliceBytes } from './job-removal.ts'
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
    // bytes: of arguments and returns. removed: nobody finds it any more, and its rows go slice by slice.
    `ALTER TABLE jobs ADD COLUMN max_seconds INTEGER;
     ALTER TABLE jobs ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
     ALTER TABLE jobs ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;
     CREATE INDEX removed_jobs ON jobs (jid) WHERE removed = 1;
     CREATE TABLE job_size (one INTEGER PRIMARY KEY CHECK (one = 1), bytes INTEGER NOT NULL) STRICT;
     INSERT INTO job_size (one, bytes) VALUES (1, 0);
     CREATE TRIGGER job_size_added AFTER INSERT ON jobs
       BEGIN UPDATE job_size SET bytes = bytes + NEW.bytes; END;
     CREATE TRIGGER job_size_changed AFTER UPDATE OF bytes ON jobs
       BEGIN UPDATE job_size SET bytes = bytes + NEW.bytes - OLD.bytes; END;
     CREATE TRIGGER job_size_removed AFTER DELETE ON jobs
       BEGIN UPDATE job_size SET bytes = bytes - OLD.bytes; END;`,
    'ALTER TABLE jobs ADD COLUMN metadata TEXT',
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
  readonly max_seconds: number | null
  readonly metadata: string | null
}

interface StoredTally {
  readonly state: TargetState
  readonly outcome: Outcome | null
  readonly ok: number
  readonly count: number
  readonly last: number
}

/** Greater than every job id. */
const afterAll = ':'
/** What a target takes, about. */
const targetBytes = 150
/** Jobs among which those alike are looked for. */
const lookedThrough = 2_000

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

const jobColumns =
  'jid, fun, args, kwargs, target, defaulted, operator, submitted, expires, trees, max_seconds, metadata'
const targetColumns = 'id, generation, state, since, attempted, killed, strays, held'

export function makeSqliteJobs(database: Database, queue: WriteQueue): JobStore {
  return { ...makeReads(database), ...makeWrites(database, queue) }
}

type Reads = Pick<
  JobStore,
  'find' | 'targets' | 'target' | 'list' | 'tally' | 'alike' | 'lastJid' | 'open' | 'bytes'
>

function makeReads(database: Database): Reads {
  const one = database.prepare<[string], StoredJob>(
    `SELECT ${jobColumns} FROM jobs WHERE jid = ? AND removed = 0`,
  )
  const newest = database.prepare<[string, number], StoredJob>(
    `SELECT ${jobColumns} FROM jobs WHERE jid < ? AND removed = 0 ORDER BY jid DESC LIMIT ?`,
  )
  const tally = database.prepare<[string], StoredTally>(
    `SELECT state, outcome, coalesce(retcode = 0 AND success = 1, 0) AS ok, count(*) AS count,
       max(coalesce(started + duration, since)) AS last
     FROM targets LEFT JOIN returns USING (jid, id) WHERE jid = ? GROUP BY state, outcome, ok`,
  )
  const alike = database
    .prepare<[string, number, string, string, string, number], string>(
      `SELECT jid FROM (SELECT jid, fun, args, kwargs FROM jobs WHERE jid < ? AND removed = 0
         ORDER BY jid DESC LIMIT ?)
       WHERE fun = ? AND args = ? AND kwargs = ? ORDER BY jid DESC LIMIT ?`,
    )
    .pluck()
  const size = database.prepare<[], number>('SELECT bytes FROM job_size').pluck()
  const withOpen = database.prepare<[], StoredJob>(
    `SELECT ${jobColumns} FROM jobs WHERE removed = 0 AND jid IN (SELECT jid FROM targets WHERE ${isOpen})
     ORDER BY jid`,
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
    list: async (limit, before) => newest.all(before ?? afterAll, limit).map(jobOf),
    tally: async (jid) =>
      tally
        .all(jid)
        .map(({ outcome, ok, ...rest }) => ({ ...rest, outcome: outcome ?? undefined, ok: ok === 1 })),
    alike: async ({ jid, fun, args, kwargs }, limit) =>
      alike.all(jid, lookedThrough, fun, JSON.stringify(args), JSON.stringify(kwargs), limit) as JobId[],
    bytes: async () => size.get() ?? 0,
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
  const prune = makePrune(database)
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
    prune: (wish, rows) => queue.write(() => prune(wish, rows), sliceBytes),
  }
}

function makeAdd(database: Database): (...args: Parameters<JobStore['add']>) => boolean {
  const addJob = database.prepare(
    `INSERT INTO jobs (${jobColumns}, bytes) VALUES
       (@jid, @fun, @args, @kwargs, @target, @defaulted, @operator, @submitted, @expires, @trees, @maxSeconds,
        @metadata, @bytes)
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
    const args = JSON.stringify(job.args)
    const kwargs = JSON.stringify(job.kwargs)
    const metadata = job.metadata === undefined ? null : JSON.stringify(job.metadata)
    const { changes } = addJob.run({
      ...job,
      args,
      kwargs,
      maxSeconds: job.maxSeconds ?? null,
      metadata,
      bytes: args.length + kwargs.length + (metadata?.length ?? 0) + targets.length * targetBytes,
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
  ...(row.max_seconds === null ? {} : { maxSeconds: row.max_seconds }),
  ...(row.metadata === null ? {} : { metadata: JSON.parse(row.metadata) as Record<string, Json> }),
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
