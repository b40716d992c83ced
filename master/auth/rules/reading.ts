/** Reading rules out of the configuration: every mistake with its place. */
import { nearest } from '../../../shared/data/nearest.ts'
import type { Place } from '../../../shared/data/place.ts'
import { placeOfKey, placeOfValue } from '../../../shared/data/provenance.ts'
import { type Dict, isDict, isList, type Key, type Value } from '../../../shared/data/value.ts'
import { TsaltError } from '../../../shared/errors/error.ts'
import { compileTarget } from '../../../shared/targeting/compile-target.ts'
import { isGlob } from '../../../shared/targeting/glob.ts'
import { TargetError } from '../../../shared/targeting/target.ts'
import type { TargetText } from '../../targeting/resolve.ts'
import { wholeText } from '../compiled-grant.ts'
import type { Grant } from '../grant.ts'
import { type Ground, plainFunction, plainNames } from '../nature/nature.ts'
import { rootFunctions } from '../nature/root-functions.ts'

/** @throws always: TsaltError `access-rule-invalid` */
export function wrong(reason: string, place: Place | undefined, hint?: string): never {
  throw new TsaltError('access-rule-invalid', { reason }, { place, ...(hint === undefined ? {} : { hint }) })
}

export const placeIn = (container: unknown, key: Key | number): Place | undefined =>
  placeOfValue(container, key) ?? placeOfKey(container, key)

/** A text, or a list of texts, each with its place. */
export function textsIn(
  dict: Dict,
  key: string,
): readonly { readonly text: string; readonly place: Place | undefined }[] {
  const value = dict.get(key) as Value
  const items = isList(value) ? value : [value]
  if (items.length === 0) wrong(`"${key}" is an empty list`, placeIn(dict, key))
  return items.map((item, index) => {
    const place = isList(value) ? (placeOfKey(value, index) ?? placeIn(dict, key)) : placeIn(dict, key)
    if (typeof item !== 'string' || item === '') wrong(`"${key}" must be text, or a list of texts`, place)
    return { text: item, place }
  })
}

export function flagIn(dict: Dict, key: string): boolean {
  const value = dict.get(key)
  if (value === undefined) return false
  if (typeof value !== 'boolean') wrong(`"${key}" is True or False`, placeIn(dict, key))
  return value
}

/** Expressions, by position. YAML reads `1.2` as a number and `yes` as True: such are told to be quoted. */
export function patternsIn(dict: Dict, key: string): readonly string[] {
  const value = dict.get(key) as Value
  const items = isList(value) ? value : [value]
  return items.map((item, index) =>
    wholePattern(item, isList(value) ? placeOfKey(value, index) : placeIn(dict, key)),
  )
}

export function namedPatternsIn(dict: Dict, key: string): Readonly<Record<string, string>> {
  const value = dict.get(key) as Value
  if (!isDict(value)) wrong(`"${key}" must be a mapping of names to expressions`, placeIn(dict, key))
  return Object.fromEntries(
    [...value].map(([name, item]) => [String(name), wholePattern(item, placeIn(value, name))]),
  )
}

export function wholePattern(value: Value, place: Place | undefined): string {
  if (value === null) return '.*'
  if (typeof value !== 'string') wrong('an expression is a text; put it into quotes', place)
  try {
    wholeText(value)
  } catch (error) {
    wrong(`"${value.slice(0, 80)}" is no regular expression: ${reasonOf(error)}`, place)
  }
  return value
}

/** @throws TsaltError `access-rule-invalid`, with the place in the configuration */
export function checkTarget(
  target: TargetText,
  nodegroups: Dict | undefined,
  place: Place | undefined,
): TargetText {
  try {
    if (target.expression.trim() === '') throw new TargetError('it is empty')
    compileTarget({ ...target, nodegroups })
  } catch (error) {
    const hint = error instanceof TargetError ? error.hint : undefined
    wrong(`the target "${target.expression.slice(0, 80)}" is wrong: ${reasonOf(error)}`, place, hint)
  }
  return target
}

/** A rule that names a function which is root without saying so would never cover it: somebody expects otherwise. */
export function checkConsent(grant: Grant, ground: Ground, place: Place | undefined): void {
  if (grant.rootEquivalent) return
  // Below "@MODULE" stand runners and wheel functions alike.
  const known = ground === 'job' ? (['job'] as const) : (['runner', 'wheel'] as const)
  const fun = grant.functions.find(
    (name) => !isGlob(name) && name.includes('.') && !known.some((on) => plainFunction(on, name)),
  )
  if (fun === undefined) return
  const where = ground === 'job' ? 'the minions' : 'the master'
  const consent = 'Write "root_equivalent: true" into a rule for exactly what you mean, or leave it out.'
  const meant = ground === 'job' && isRootFunction(fun) ? undefined : nearest(fun, known.flatMap(plainNames))
  wrong(
    `${fun} is root on ${where} by its nature, or nobody knows what it does`,
    place,
    meant === undefined ? consent : `Did you mean "${meant}"? If it is what it says: ${consent}`,
  )
}

/** One of tsalt's own, and so no misspelling of another. */
function isRootFunction(fun: string): boolean {
  const [module = '', name = ''] = fun.split('.')
  return Object.hasOwn(rootFunctions, module) && (rootFunctions[module]?.split(' ').includes(name) ?? false)
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
