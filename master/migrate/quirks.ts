/** What of an SLS runs in tsalt, but not as in Salt, seen in its data. docs/guide/differences-from-salt.md has the list. */
import { placeOfKey, placeOfValue } from '../../shared/data/provenance.ts'
import { type Dict, isDict, isList, type Value } from '../../shared/data/value.ts'
import type { Findings } from './finding.ts'

const notIds = new Set(['include', 'exclude', 'extend'])

/** @param value of a rendered SLS */
export function noteQuirks(value: Value, found: Findings): void {
  for (const [, body] of bodiesOf(value)) {
    noteOrder(body, found)
    for (const [, args] of body) if (isList(args)) noteArguments(args, found)
  }
}

/** The IDs of an SLS, and the names that its calls give: what requisites can mean. */
export function declaredIn(value: Value): string[] {
  return bodiesOf(value).flatMap(([id, body]) => [id, ...[...body.values()].flatMap(namesOf)])
}

function bodiesOf(value: Value): [string, Dict][] {
  if (!isDict(value)) return []
  return [...value].flatMap(([id, body]): [string, Dict][] =>
    notIds.has(String(id)) || !isDict(body) ? [] : [[String(id), body]],
  )
}

function namesOf(args: Value): string[] {
  if (!isList(args)) return []
  return args.flatMap((one) => {
    const name = isDict(one) ? one.get('name') : undefined
    const names = isDict(one) ? one.get('names') : undefined
    return [...(typeof name === 'string' ? [name] : []), ...(isList(names) ? names.map(String) : [])]
  })
}

/** Salt takes dotted keys out of the ID and puts them back behind the others. */
function noteOrder(body: Dict, found: Findings): void {
  const keys = [...body.keys()].map(String).filter((key) => !key.startsWith('__'))
  const dotted = keys.findIndex((key) => key.includes('.'))
  const plain = keys.findIndex((key, index) => !key.includes('.') && dotted >= 0 && index > dotted)
  const [first = '', second = ''] = [keys[dotted], keys[plain]]
  if (plain < 0) return
  found.add({
    group: 'different',
    subject: 'order within one ID',
    message: `"${first}" runs before "${second}", as written; Salt runs "${second}" first`,
    place: placeOfKey(body, first),
  })
}

interface Quirk {
  readonly subject: string
  readonly message: string
}

const byArgument: Readonly<Record<string, Quirk>> = {
  onlyif: {
    subject: 'commands as conditions in a dry run',
    message:
      'a dry run runs only commands that cannot change anything; for others it says that it cannot tell',
  },
  check_cmd: {
    subject: 'check_cmd',
    message:
      'runs only after the state has succeeded and never in a dry run; Salt lets it turn a failure into success',
  },
  onfail: {
    subject: 'onfail in a dry run',
    message: 'a state that would change is no failure: its handler is not predicted to run',
  },
}

function noteArguments(args: readonly Value[], found: Findings): void {
  for (const one of args) {
    if (!isDict(one)) continue
    for (const [key, value] of one) {
      const name = key === 'unless' ? 'onlyif' : String(key)
      const quirk = Object.hasOwn(byArgument, name) ? byArgument[name] : undefined
      if (quirk === undefined || (name === 'onlyif' && !hasCommand(value))) continue
      found.add({ group: 'different', ...quirk, place: placeOfKey(one, key) })
    }
  }
}

const hasCommand = (value: Value): boolean =>
  isList(value) ? value.some(hasCommand) : typeof value === 'string'

/** Grains come from the minion: one that is taken over says what it likes, and gets what is meant for others. */
export function notePillarTop(value: Value, found: Findings): void {
  if (!isDict(value)) return
  for (const [environment, targets] of value) {
    if (environment === 'include' || !isDict(targets)) continue
    for (const [target, entries] of targets) {
      const match = isList(entries) ? entries.find((one) => isDict(one) && one.has('match')) : undefined
      const type = isDict(match) ? String(match.get('match')) : 'compound'
      if (!/^(?:grain|pillar)/.test(type) && !(type === 'compound' && /\b[GPIJ]@/.test(String(target))))
        continue
      found.add({
        group: 'different',
        subject: 'pillars chosen by grains',
        message: `"${String(target)}" trusts what the minion says of itself: give secrets by its id`,
        place: placeOfKey(targets, target) ?? placeOfValue(targets, target),
      })
    }
  }
}
