/**
 * Option `external_auth`, in Salt's form: way of logging in → user (`group%`, `*`) → list of functions, of
 * `{target: functions}`, of `@runner`, `@wheel`, `@jobs`.
 */
import { nearest } from '../../../shared/data/nearest.ts'
import type { Place } from '../../../shared/data/place.ts'
import { placeOfKey } from '../../../shared/data/provenance.ts'
import { type Dict, isDict, isList, type Value } from '../../../shared/data/value.ts'
import type { Grant } from '../grant.ts'
import type { Ground } from '../nature/nature.ts'
import type { Rule } from '../rule.ts'
import { whoShape } from './read-access.ts'
import {
  checkConsent,
  checkTarget,
  flagIn,
  namedPatternsIn,
  patternsIn,
  placeIn,
  wholePattern,
  wrong,
} from './reading.ts'

const limits = ['args', 'kwargs', 'test_only', 'root_equivalent']

/** @throws TsaltError `access-rule-invalid` */
export function readExternalAuth(value: Value | undefined, nodegroups: Dict | undefined): readonly Rule[] {
  if (value === undefined || value === null) return []
  if (!isDict(value)) wrong('"external_auth" must be a mapping: local or pam → users', undefined)
  return [...value].flatMap(([eauth, users]) => {
    const prefix = prefixOf(String(eauth), placeOfKey(value, eauth))
    if (!isDict(users)) wrong(`"${String(eauth)}" must be a mapping of users`, placeIn(value, eauth))
    return [...users].map(([name, entries]) => {
      const place = placeOfKey(users, name)
      if (!isList(entries)) wrong(`what "${String(name)}" may do must be a list`, placeIn(users, name))
      const grants = entries.flatMap((entry, index) =>
        readEntry(entry, placeOfKey(entries, index) ?? place, nodegroups),
      )
      return { who: [`${prefix}${whoOf(String(name), place)}`], grants, place }
    })
  })
}

function prefixOf(eauth: string, place: Place | undefined): string {
  if (eauth === 'local') return ''
  if (eauth === 'pam') return 'pam:'
  wrong(
    `nobody can log in by "${eauth.slice(0, 40)}"`,
    place,
    eauth === 'auto'
      ? 'In Salt it lets everybody in. Here there are local (tsalt auth user add) and pam.'
      : 'There are local (tsalt auth user add) and pam.',
  )
}

/** Salt marks a group with a percent sign at its end. */
function whoOf(name: string, place: Place | undefined): string {
  const who = name.endsWith('%') ? `%${name.slice(0, -1)}` : name
  if (name.startsWith('%') || !whoShape.test(who) || who.startsWith('pam:'))
    wrong(`"${name.slice(0, 80)}" is neither a user, nor a group%, nor *`, place)
  return who
}

function readEntry(entry: Value, place: Place | undefined, nodegroups: Dict | undefined): readonly Grant[] {
  if (typeof entry === 'string') {
    if (entry.startsWith('@')) return special(entry, undefined, place)
    return [functionGrant('job', entry, { target: { kind: 'compound', expression: '*' } }, undefined, place)]
  }
  if (!isDict(entry) || entry.size !== 1)
    wrong('an entry is a function, or a mapping of one target to functions', place)
  const [[key, functions] = ['', null]] = [...entry]
  const name = String(key)
  const items = isList(functions) ? functions : [functions]
  const each = items.map((item, index) => ({
    item,
    place: (isList(functions) ? placeOfKey(functions, index) : placeIn(entry, key)) ?? place,
  }))
  if (name.startsWith('@')) return each.flatMap((one) => special(name, one.item, one.place))
  const target = checkTarget(
    { kind: 'compound', expression: name },
    nodegroups,
    placeOfKey(entry, key) ?? place,
  )
  return each.map((one) => limited('job', one.item, { target }, one.place))
}

/** `@runner`, `@wheel`, or `@MODULE` of both. */
function special(word: string, item: Value | undefined, place: Place | undefined): readonly Grant[] {
  const name = word.slice(1)
  const at = place === undefined ? {} : { place }
  const ground = name.replace(/s$/, '')
  if (ground === 'runner' || ground === 'wheel') {
    if (item !== undefined && item !== null) return [limited(ground, item, {}, place)]
    const seen = ground === 'runner' ? ['jobs', 'minions', 'events', 'rollouts'] : ['keys']
    return [
      { on: ground, functions: ['*'], ...at },
      { on: 'see', functions: seen, ...at },
    ]
  }
  const near = nearest(name, ['runner', 'wheel'])
  if (near !== undefined)
    wrong(
      `"${word.slice(0, 40)}" is no module of runners or wheel functions`,
      place,
      `Did you mean "@${near}"?`,
    )
  if (!/^\w+$/.test(name)) wrong(`"${word.slice(0, 40)}" is neither @runner, nor @wheel, nor @MODULE`, place)
  const sight: readonly Grant[] = name === 'jobs' ? [{ on: 'see', functions: ['jobs'], ...at }] : []
  if (item !== undefined && item !== null)
    return [
      limited('runner', prefixed(name, item), {}, place),
      limited('wheel', prefixed(name, item), {}, place),
    ]
  return [
    { on: 'runner', functions: [`${name}.*`], ...at },
    { on: 'wheel', functions: [`${name}.*`], ...at },
    ...sight,
  ]
}

/** Under `@MODULE` stand names of its functions. */
function prefixed(module: string, item: Value): Value {
  if (typeof item === 'string') return `${module}.${item}`
  if (isDict(item)) return new Map([...item].map(([key, value]) => [`${module}.${String(key)}`, value]))
  return item
}

/** A function, or a mapping of one function to its arguments. */
function limited(on: Ground, item: Value, more: Pick<Grant, 'target'>, place: Place | undefined): Grant {
  if (typeof item === 'string') return functionGrant(on, item, more, undefined, place)
  if (!isDict(item) || item.size !== 1)
    wrong('a function is a text, or a mapping of one name to its limits', place)
  const [[key, value] = ['', null]] = [...item]
  if (value !== null && !isDict(value))
    wrong(`what stands below "${String(key)}" must be a mapping`, placeIn(item, key))
  return functionGrant(on, String(key), more, value ?? undefined, placeOfKey(item, key) ?? place)
}

function functionGrant(
  on: Ground,
  text: string,
  more: Pick<Grant, 'target'>,
  given: Dict | undefined,
  place: Place | undefined,
): Grant {
  for (const key of given?.keys() ?? [])
    if (!limits.includes(String(key)))
      wrong(`a function has no "${String(key)}"`, placeOfKey(given, key), `It has: ${limits.join(', ')}.`)
  const grant: Grant = {
    on,
    ...namesOf(text, place),
    ...more,
    ...(given?.has('args') ? { args: patternsIn(given, 'args') } : {}),
    ...(given?.has('kwargs') ? { kwargs: namedPatternsIn(given, 'kwargs') } : {}),
    ...(given && flagIn(given, 'test_only') ? { testOnly: true } : {}),
    ...(given && flagIn(given, 'root_equivalent') ? { rootEquivalent: true } : {}),
    ...(place === undefined ? {} : { place }),
  }
  checkConsent(grant, on, place)
  return grant
}

/** Salt takes globs and regular expressions; what is a glob by its characters is taken for one. */
function namesOf(text: string, place: Place | undefined): Pick<Grant, 'functions' | 'expressions'> {
  if (text === '.*') return { functions: ['*'] }
  if (/^[\w*?[\]!.-]+$/.test(text)) return { functions: [text] }
  return { functions: [], expressions: [wholePattern(text, place)] }
}
