/**
 * How to undo a job, written before each of its changes: `<state_dir>/undo/<jid>/journal.jsonl`, append-only, and
 * the replaced contents beside it, named by their hash. Directories are 0700, files 0600 whatever the originals
 * were. Lines are handed to the kernel before the change (a killed minion loses none); they are synced when the
 * journal is closed. All journals together stay under a quota: the oldest jobs go first.
 */
import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import * as v from 'valibot'
import { TsaltError } from '../../shared/errors/error.ts'
import { isJobId, type JobId, type Sha256 } from '../../shared/ids.ts'
import { sweepLeftovers, writeSecretFile } from './atomic-file.ts'
import { errno, fileError } from './file-errors.ts'
import { UndoEntry } from './undo-entry.ts'

export interface UndoJournal {
  /** @throws TsaltError `file-unwritable`, `disk-full`: then the change must not be made */
  record(entry: UndoEntry): void
  /** Keeps a before-image. undefined: beyond the limits; record it as lost. */
  keep(content: Uint8Array): Sha256 | undefined
  /** Bytes of the largest before-image that is kept. */
  readonly imageLimit: number
  /** Makes it durable; nothing may be recorded afterwards. */
  close(): void
}

export interface UndoLimits {
  /** Bytes of one before-image, default 32 MiB. */
  readonly image?: number
  /** Bytes of one job's before-images, default 256 MiB. */
  readonly job?: number
  /** Bytes of all journals, default 1 GiB; the oldest are dropped when a job's journal is opened. */
  readonly total?: number
}

/** Keeps nothing: for runs that promise no undo (`tsalt-call` without a state directory). */
export const noJournal: UndoJournal = {
  imageLimit: 0,
  record: () => undefined,
  keep: () => undefined,
  close: () => undefined,
}

const mebi = 1_048_576

/** @param directory `<state_dir>/undo`; made on the first entry, so that a run that changes nothing writes nothing */
export function openUndoJournal(directory: string, jid: JobId, limits: UndoLimits = {}): UndoJournal {
  const imageLimit = limits.image ?? 32 * mebi
  const jobLimit = limits.job ?? 256 * mebi
  const own = `${directory}/${jid}`
  let fd: number | undefined
  let kept = 0
  const open = (): number => {
    if (fd !== undefined) return fd
    fs.mkdirSync(`${own}/images`, { recursive: true, mode: 0o700 })
    dropOldest(directory, jid, limits.total ?? 1024 * mebi)
    fd = fs.openSync(`${own}/journal.jsonl`, 'a', 0o600)
    return fd
  }
  return {
    imageLimit,
    record: (entry) => guarded(own, () => append(open(), `${JSON.stringify(entry)}\n`)),
    keep: (content) => {
      if (content.length > imageLimit || kept + content.length > jobLimit) return undefined
      const hash = createHash('sha256').update(content).digest('hex') as Sha256
      guarded(own, open)
      const path = `${own}/images/${hash}`
      if (fs.existsSync(path)) return hash
      writeSecretFile(path, content, { durable: false, walk: false })
      kept += content.length
      return hash
    },
    close: () => {
      if (fd === undefined) return
      const held = fd
      fd = undefined
      try {
        fs.fsyncSync(held)
      } finally {
        fs.closeSync(held)
      }
    },
  }
}

function guarded<Result>(path: string, action: () => Result): Result {
  try {
    return action()
  } catch (error) {
    throw fileError('file-unwritable', path, error)
  }
}

function append(fd: number, line: string): void {
  const bytes = Buffer.from(line)
  for (let written = 0; written < bytes.length; ) written += fs.writeSync(fd, bytes, written)
}

export interface UndoPlan {
  readonly jid: JobId
  /** In the order in which the changes were made. */
  readonly entries: readonly UndoEntry[]
  /** A kept before-image. @throws TsaltError `undo-broken` where it is gone or damaged */
  image(hash: string): Uint8Array
}

/** Jobs that can be undone, oldest first. */
export function undoableJobs(directory: string): JobId[] {
  return names(directory).filter(isJobId).sort()
}

/** @param directory absent: nothing is kept */
export function undoStore(directory: string | undefined): {
  jobs(): readonly JobId[]
  plan(jid: JobId): UndoPlan
} {
  return {
    jobs: () => (directory === undefined ? [] : undoableJobs(directory)),
    plan: (jid) => {
      if (directory === undefined) throw new TsaltError('undo-unknown', { jid })
      return undoJournal(directory, jid)
    },
  }
}

/**
 * Reads a job's journal; a last line that a crash cut off is left out, since its change was not made.
 * @throws TsaltError `undo-unknown`, `undo-broken`
 */
export function undoJournal(directory: string, jid: JobId): UndoPlan {
  const own = `${directory}/${jid}`
  const text = readText(`${own}/journal.jsonl`)
  if (text === undefined) throw new TsaltError('undo-unknown', { jid })
  const lines = text.split('\n')
  lines.pop()
  const entries = lines.map((line, index) => parseEntry(line) ?? broken(jid, index + 1))
  return {
    jid,
    entries,
    image: (hash) => {
      const content = readBytes(`${own}/images/${hash}`)
      const found = content && createHash('sha256').update(content).digest('hex')
      return content && found === hash
        ? content
        : broken(jid, entries.findIndex((e) => 'content' in e && e.content === hash) + 1)
    },
  }
}

/**
 * Removes temporary files that a crash left beside the files which jobs were about to write. At start, before
 * any job runs.
 * @returns the paths removed
 */
export function sweepAfterCrash(directory: string): string[] {
  return undoableJobs(directory).flatMap((jid) => {
    const text = readText(`${directory}/${jid}/journal.jsonl`) ?? ''
    const paths = text.split('\n').flatMap((line) => {
      const entry = parseEntry(line)
      return entry && (entry.kind === 'absent' || entry.kind === 'file' || entry.kind === 'symlink')
        ? [entry.path]
        : []
    })
    return [...new Set(paths)].flatMap((path) => {
      const slash = path.lastIndexOf('/')
      return sweepLeftovers(path.slice(0, slash) || '/', path.slice(slash + 1))
    })
  })
}

function broken(jid: JobId, line: number): never {
  throw new TsaltError('undo-broken', { jid, line })
}

function parseEntry(line: string): UndoEntry | undefined {
  try {
    const parsed = v.safeParse(UndoEntry, JSON.parse(line))
    return parsed.success ? parsed.output : undefined
  } catch {
    // Not JSON: the caller says which line is broken.
    return undefined
  }
}

function readText(path: string): string | undefined {
  return readBytes(path)?.toString('utf8')
}

function readBytes(path: string): Buffer | undefined {
  try {
    return fs.readFileSync(path)
  } catch (error) {
    if (errno(error) === 'ENOENT') return undefined
    throw fileError('file-unreadable', path, error)
  }
}

function names(directory: string): string[] {
  try {
    return fs.readdirSync(directory)
  } catch (error) {
    if (errno(error) === 'ENOENT') return []
    throw fileError('file-unreadable', directory, error)
  }
}

/** Job ids increase with time, so their order is their age. */
function dropOldest(directory: string, keep: JobId, limit: number): void {
  const jobs = undoableJobs(directory).filter((jid) => jid !== keep)
  const sizes = new Map(jobs.map((jid) => [jid, sizeOf(`${directory}/${jid}`)]))
  let total = [...sizes.values()].reduce((sum, size) => sum + size, 0)
  for (const jid of jobs) {
    if (total <= limit) return
    fs.rmSync(`${directory}/${jid}`, { recursive: true, force: true })
    total -= sizes.get(jid) ?? 0
  }
}

function sizeOf(job: string): number {
  const images = names(`${job}/images`).map((name) => `${job}/images/${name}`)
  return [...images, `${job}/journal.jsonl`]
    .map((path) => fs.statSync(path, { throwIfNoEntry: false })?.size ?? 0)
    .reduce((sum, size) => sum + size, 0)
}
