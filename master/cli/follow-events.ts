/** Reads the event bus for the command lines, across restarts of the master. */
import type { BusEvent } from '../api/schemas.ts'
import type { Console } from './console.ts'
import type { MasterClient } from './master-client.ts'

export type ShownEvent = Extract<BusEvent, { type: 'event' }>

export interface EventsWanted {
  /** Globs; none: all. */
  readonly tags: readonly string[]
  /** Events after this number. */
  readonly after?: number
  /** Milliseconds since the epoch. */
  readonly since?: number
  readonly follow: boolean
  /** Milliseconds without a word after which the connection is given up for another one; 16 seconds where absent. */
  readonly quiet?: number
}

/** Milliseconds between attempts to reach a master that has gone. */
const patience = 1_000
/** Of a master that is there something comes every five seconds; a network may swallow it without a word. */
const longestQuiet = 16_000

/**
 * Ends where the stored events end, or is ended by the signal.
 * @throws TsaltError `master-down` where there is no master at first
 */
export async function* followEvents(
  client: MasterClient,
  console: Pick<Console, 'err'>,
  { tags, after, since, follow, quiet = longestQuiet }: EventsWanted,
  signal: AbortSignal,
): AsyncGenerator<ShownEvent> {
  let last = after
  let opened = false
  let told = false
  for (;;) {
    const query = new URLSearchParams(tags.map((tag): [string, string] => ['tag', tag]))
    if (last !== undefined) query.set('after', String(last))
    else if (since !== undefined) query.set('since', String(since))
    if (follow) query.set('follow', 'true')
    try {
      for await (const line of unlessQuiet(signal, quiet, (either) => client.events(query, either))) {
        opened = true
        if (told) console.err('The master is back.\n')
        told = false
        if (line.type !== 'event') continue
        last = line.sequence
        yield line
      }
    } catch (error) {
      if (signal.aborted) return
      if (!opened) throw error
    }
    if (!follow || signal.aborted) return
    if (!told) console.err('The connection to the master is lost; waiting for it.\n')
    told = true
    await new Promise((resolve) => setTimeout(resolve, patience))
  }
}

/** Ends where nothing comes for too long. */
async function* unlessQuiet(
  signal: AbortSignal,
  longest: number,
  open: (either: AbortSignal) => AsyncIterable<BusEvent>,
): AsyncGenerator<BusEvent> {
  const quiet = new AbortController()
  const timer = setTimeout(() => quiet.abort(), longest)
  try {
    for await (const line of open(AbortSignal.any([signal, quiet.signal]))) {
      timer.refresh()
      yield line
      // Who reads what was shown may take his time.
      timer.refresh()
    }
  } finally {
    clearTimeout(timer)
  }
}
