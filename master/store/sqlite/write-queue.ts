/**
 * Group commit: all writes asked for in one turn of the event loop share a transaction, hence one fsync. While it is
 * being written the sockets fill up, so the next one is larger: the slower the disk, the larger the groups.
 */
import { TsaltError } from '../../../shared/errors/error.ts'
import type { WritePressure } from '../store.ts'
import type { Database } from './database.ts'

export interface WriteQueue extends WritePressure {
  /**
   * Runs `work` in the next transaction. If it throws, its own changes are undone and nobody else's.
   * @param weight about how many bytes it writes
   * @returns its result, after the commit. @throws TsaltError `store-write-failed`, `master-stopping`
   */
  write<Result>(work: () => Result, weight?: number): Promise<Result>
  /** Commits what is queued; later writes are rejected. */
  close(): void
}

export interface WriteLimits {
  /** Of one transaction, so that it does not hold the event loop for long. */
  readonly groupCount: number
  readonly groupBytes: number
  /** From here on the queue calls itself full, until it is half empty. */
  readonly fullCount: number
  readonly fullBytes: number
}

const shippedLimits: WriteLimits = {
  groupCount: 1_000,
  groupBytes: 16 * 1024 * 1024,
  fullCount: 10_000,
  fullBytes: 64 * 1024 * 1024,
}

/** After a transaction of so many writes, the next one gathers for this long, in milliseconds. */
const crowd = 16
const gatherTime = 3

interface Item {
  readonly work: () => unknown
  readonly weight: number
  resolve(value: unknown): void
  reject(error: Error): void
}

type Outcome = { readonly value: unknown } | { readonly error: Error }

export function makeWriteQueue(database: Database, limits: WriteLimits = shippedLimits): WriteQueue {
  const items: Item[] = []
  const watchers = new Set<(full: boolean) => void>()
  let bytes = 0
  let full = false
  let scheduled: NodeJS.Immediate | undefined
  let waiting: NodeJS.Timeout | undefined
  /** The last transaction was a large one: more of the same is on its way. */
  let isCrowded = false
  let closed = false

  const runGroup = makeGroupRunner(database)

  function flush(): void {
    scheduled = undefined
    waiting = undefined
    const group = takeGroup()
    isCrowded = group.length >= crowd
    if (items.length > 0) schedule()
    const outcomes = runGroup(group)
    updatePressure()
    for (const [index, outcome] of outcomes.entries()) {
      if ('error' in outcome) group[index]?.reject(outcome.error)
      else group[index]?.resolve(outcome.value)
    }
  }

  function takeGroup(): Item[] {
    let size = 0
    let weight = 0
    for (const item of items) {
      if (size > 0 && (size >= limits.groupCount || weight + item.weight > limits.groupBytes)) break
      size += 1
      weight += item.weight
    }
    bytes -= weight
    return items.splice(0, size)
  }

  function schedule(): void {
    if (scheduled !== undefined || waiting !== undefined) return
    if (isCrowded) waiting = setTimeout(flush, gatherTime)
    else scheduled = setImmediate(flush)
  }

  function updatePressure(): void {
    const over = items.length >= limits.fullCount || bytes >= limits.fullBytes
    const under = items.length <= limits.fullCount / 2 && bytes <= limits.fullBytes / 2
    if (full ? !under : !over) return
    full = !full
    for (const watcher of watchers) watcher(full)
  }

  return {
    get full() {
      return full
    },
    watch(watcher) {
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
    write<Result>(work: () => Result, weight = 100): Promise<Result> {
      if (closed) return Promise.reject(new TsaltError('master-stopping', {}))
      return new Promise<Result>((resolve, reject) => {
        items.push({ work, weight, resolve: (value) => resolve(value as Result), reject })
        bytes += weight
        updatePressure()
        schedule()
      })
    },
    close() {
      closed = true
      while (items.length > 0) flush()
      clearImmediate(scheduled)
      clearTimeout(waiting)
    },
  }
}

/** @returns for each item what it answered, or why nothing of it was written. */
function makeGroupRunner(database: Database): (group: readonly Item[]) => readonly Outcome[] {
  // Inside a transaction, better-sqlite3 makes this one a savepoint.
  const alone = database.transaction((item: Item) => item.work())
  const together = database.transaction((group: readonly Item[]) =>
    group.map((item): Outcome => {
      try {
        return { value: alone(item) }
      } catch (error) {
        // A full disk rolls back the whole transaction by itself; then nobody's work is done.
        if (!database.inTransaction) throw error
        return { error: writeFailed(error) }
      }
    }),
  )

  return (group) => {
    try {
      return together.immediate(group)
    } catch (error) {
      const failure = writeFailed(error)
      return group.map(() => ({ error: failure }))
    }
  }
}

function writeFailed(error: unknown): Error {
  if (error instanceof TsaltError) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new TsaltError('store-write-failed', { reason }, { cause: error })
}
