/** event.send: tells the master something, on its event bus; where there is no master, only in the result of the run. */
import * as v from 'valibot'
import {
  type Dict,
  isDict,
  isList,
  type Plain,
  toPlain,
  toValue,
  type Value,
} from '../../shared/data/value.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { anything } from '../../shared/schema/collections.ts'
import { flag, nonEmptyText } from '../../shared/schema/scalars.ts'
import type { Reader } from '../system/reader.ts'
import { drift, stateFunction, stateModule } from './contract.ts'

const args = v.strictObject({
  name: needed(nonEmptyText, 'The tag: `myco/deployed`.'),
  data: optional(anything, 'What it tells.'),
  preload: optional(anything, 'Accepted for trees of Salt; the data of the event begins with it.'),
  with_grains: defaulted(anything, false, 'True: with all grains; or those of a list.'),
  with_pillar: defaulted(
    anything,
    false,
    'True: with the whole pillar; or the keys of a list. Secrets are left out.',
  ),
  show_changed: defaulted(flag, true, 'False: the changes do not show it.'),
})
type Arguments = v.InferOutput<typeof args>

function dataOf(wanted: Arguments, look: Reader): Plain {
  const plain = (value: Value | undefined): Plain => (value === undefined ? null : (toPlain(value) as Plain))
  const parts: [string, Plain][] = []
  for (const [key, wish, source] of [
    ['grains', wanted.with_grains, look.grains],
    ['pillar', wanted.with_pillar, look.pillar],
  ] as const) {
    const chosen = chosenOf(wish as Value, source)
    if (chosen) parts.push([key, plain(chosen)])
  }
  const preload = wanted.preload !== undefined && isDict(wanted.preload) ? [...wanted.preload] : []
  if (parts.length + preload.length === 0) return plain(wanted.data)
  const own: [string, Plain][] =
    wanted.data === undefined
      ? []
      : isDict(wanted.data)
        ? [...wanted.data].map(([key, value]) => [String(key), plain(value)])
        : [['data', plain(wanted.data)]]
  return Object.fromEntries([
    ...preload.map(([key, value]): [string, Plain] => [String(key), plain(value)]),
    ...parts,
    ...own,
  ])
}

function chosenOf(wish: Value, source: Dict): Dict | undefined {
  if (wish === true) return source
  if (!isList(wish)) return undefined
  return new Map(
    wish.flatMap((key) =>
      typeof key === 'string' && source.has(key) ? [[key, source.get(key) ?? null]] : [],
    ),
  )
}

const send = stateFunction({
  summary:
    'Tells the master something at every run: an event on its bus, below `minion/ID/`, without secrets.',
  args,
  repeats: true,
  examples: ['myco/deployed:\n  event.send:\n    - data:\n        version: 1.2\n'],
  async check(wanted, look, run) {
    const data = dataOf(wanted, look)
    const changes: Plain = wanted.show_changed ? { tag: wanted.name, data } : {}
    return drift(changes, { would: 'Event would have been fired', done: 'Event fired' }, async () =>
      run.tell?.(wanted.name, toValue(data)),
    )
  },
})

export const event = stateModule({ summary: 'Tells the master something.', functions: { send } })
