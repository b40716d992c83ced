/** An event as templates of reactions see it: `data` in Salt's shape. */
import { decodeValue } from '../../shared/data/codec.ts'
import { type Dict, isDict, type Value } from '../../shared/data/value.ts'
import type { EventRow } from '../store/events.ts'
import { isSight, toldTag } from './matching.ts'

type Told = Pick<EventRow, 'tag' | 'at' | 'data'>

/** `2026-11-22T10:20:30.123000`, UTC, as Salt stamps events. */
const stampOf = (at: number): string => new Date(at).toISOString().replace('Z', '000')

export function dataOf({ tag, at, data: json }: Told): Dict {
  const data = decodeValue(json)
  const stamp: [string, Value] = ['_stamp', stampOf(at)]
  const own = toldTag(tag)
  if (own !== undefined)
    return new Map<string, Value>([
      ['id', own.id],
      ['cmd', '_minion_event'],
      ['pretag', null],
      ['tag', own.tag],
      ['data', data],
      stamp,
    ])
  const flat: Dict = isDict(data) ? new Map(data) : new Map([['data', data]])
  // Of beacons Salt's manual shows the one form and its master sends the other.
  if (isSight(tag) && isDict(data) && !data.has('data')) flat.set('data', new Map(data))
  if (!flat.has('tag')) flat.set('tag', tag)
  flat.set('_stamp', flat.get('_stamp') ?? stamp[1])
  return flat
}
