/** Waits for events of the bus: those after a number, told before or from now on. */
import type { Clock } from '../../shared/clock.ts'
import { decodeValue } from '../../shared/data/codec.ts'
import { isDict, isList, traverse } from '../../shared/data/value.ts'
import { compileGlob } from '../../shared/targeting/glob.ts'
import type { EventBus } from '../events/event-bus.ts'
import type { EventRow } from '../store/events.ts'
import type { EventWait, Waited } from './contract.ts'
import type { RunEnds } from './run-ends.ts'

export async function waitForEvents(
  { tag, ids, key, seconds, since }: EventWait,
  {
    events,
    clock,
    ends,
  }: { readonly events: Pick<EventBus, 'follow'>; readonly clock: Clock; readonly ends: RunEnds },
): Promise<Waited> {
  const enough = new AbortController()
  const timer = setTimeout(() => enough.abort(), seconds * 1000)
  const release = ends.onEnd(() => enough.abort())
  const from = clock.monotonic()
  const missing = new Set(ids)
  const seen: string[] = []
  let complete = false
  try {
    for await (const event of events.follow({
      since,
      matches: tagTest(tag),
      live: true,
      signal: enough.signal,
    })) {
      const what = ids.length === 0 ? event.tag : seenIn(event, key)
      if (ids.length > 0 && !missing.delete(what)) continue
      seen.push(what)
      complete = missing.size === 0
      if (complete) break
    }
  } finally {
    clearTimeout(timer)
    release()
  }
  return { seen, complete, seconds: (clock.monotonic() - from) / 1000 }
}

const ofMinion = /^minion\/[^/]+\//

/**
 * What a minion tells lies below `minion/<id>/`; its own tag is enough to mean it, as in Salt. Tags below `salt/` are the
 * master's: no minion's event is taken for one.
 */
export function tagTest(pattern: string): (tag: string) => boolean {
  const matches = compileGlob(pattern)
  return (tag) => {
    if (matches(tag)) return true
    const own = ofMinion.test(tag) ? tag.replace(ofMinion, '') : 'salt/'
    return !own.startsWith('salt/') && matches(own)
  }
}

/** Who told an event is known from its session, whatever the event says. */
function seenIn({ data, origin }: EventRow, key: string): string {
  if (key === 'id' && origin !== undefined) return origin
  const value = decodeValue(data)
  const inner = isDict(value) ? value.get('data') : undefined
  const found = (isDict(inner) ? traverse(inner, key) : undefined) ?? traverse(value, key)
  return found === undefined || found === null || isDict(found) || isList(found) ? '' : String(found)
}
