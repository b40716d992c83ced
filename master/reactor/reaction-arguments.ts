/** The arguments of a reaction: `args` of the new form; `arg`, `kwarg`, and names of their own in the old one. */
import { nearest } from '../../shared/data/nearest.ts'
import type { Place } from '../../shared/data/place.ts'
import { type Dict, isDict, isList, type Value } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { readText } from '../../shared/schema/scalars.ts'
import { type TargetKind, targetKinds } from '../../shared/targeting/target.ts'
import type { Reaction } from './reaction.ts'

/** By name, with the place of the value. */
export type CallParts = Map<string, { readonly value: Value; readonly place: Place }>

export interface CallText {
  readonly id: string
  readonly fun: string
  readonly place: Place
  readonly parts: CallParts
}

const localWords = ['tgt', 'tgt_type', 'expr_form', 'args', 'arg', 'kwarg', 'subset', 'timeout', 'ret']

/** @throws TsaltError `reactor-sls-wrong`, `reactor-keyword-unknown` */
export function callOf(kind: 'local' | 'runner' | 'wheel', text: CallText): Reaction {
  return kind === 'local' ? localCall(text) : masterCall(kind, text)
}

function localCall({ id, fun, place, parts }: CallText): Reaction {
  for (const [name, { place: at }] of parts) {
    if (localWords.includes(name)) continue
    const near = nearest(name, localWords)
    const hint = near
      ? `Did you mean "${near}"?`
      : `Arguments of ${fun} itself stand below "args": - args: [{${name}: …}]`
    throw new TsaltError('reactor-keyword-unknown', { kind: 'local', keyword: name }, { place: at, hint })
  }
  const ret = parts.get('ret')
  if (ret !== undefined && ret.value !== null && ret.value !== '')
    throw wrong(
      '"ret" names a returner, and there are none: results are events "salt/job/JID/ret/ID"',
      ret.place,
    )
  const tgt = parts.get('tgt')
  const expression = tgt && (isList(tgt.value) ? tgt.value.map(readText).join(',') : readText(tgt.value))
  if (expression === undefined || expression.trim() === '')
    throw wrong(`${fun} needs "tgt": the minions that it is for`, tgt?.place ?? place)
  const target = { kind: kindOf(parts, tgt !== undefined && isList(tgt.value)), expression }
  const subset = parts.get('subset')
  const count = subset && Number(readText(subset.value))
  if (subset !== undefined && !(Number.isSafeInteger(count) && Number(count) > 0))
    throw wrong('"subset" is a number of minions', subset.place)
  return { kind: 'local', id, fun, place, target, subset: count, ...argumentsOf(parts) }
}

function kindOf(parts: CallParts, isList: boolean): TargetKind {
  const given = parts.get('tgt_type') ?? parts.get('expr_form')
  if (given === undefined) return isList ? 'list' : 'glob'
  const word = readText(given.value) ?? ''
  const kind = targetKinds.find((known) => known === word)
  if (kind !== undefined) return kind
  const near = nearest(word, targetKinds)
  throw wrong(
    `"${word}" is no kind of target${near ? ` (did you mean "${near}"?)` : `: ${targetKinds.join(', ')}`}`,
    given.place,
  )
}

/** What is no word of the form is an argument of the function. */
function masterCall(kind: 'runner' | 'wheel', { id, fun, place, parts }: CallText): Reaction {
  const { args, kwargs } = argumentsOf(parts)
  const isNew = parts.has('args')
  for (const [name, { value, place: at }] of parts) {
    if (name === 'args' || (!isNew && (name === 'arg' || name === 'kwarg'))) continue
    if (isNew)
      throw wrong(`"${name}" stands beside "args", where it would not count; put it below "args"`, at)
    if (kwargs.has(name)) throw wrong(`"${name}" is given twice`, at)
    kwargs.set(name, value)
  }
  return { kind, id, fun, place, args, kwargs }
}

function argumentsOf(parts: CallParts): { args: Value[]; kwargs: Dict } {
  const fresh = parts.get('args')
  const old = parts.get('arg') ?? parts.get('kwarg')
  if (fresh !== undefined) {
    if (old !== undefined) throw wrong('"args" and "arg" or "kwarg" exclude each other', old.place)
    return fromArgs(fresh.value)
  }
  const arg = parts.get('arg')?.value ?? []
  const kwarg = parts.get('kwarg')
  return {
    args: isList(arg) ? [...arg] : [arg],
    kwargs: kwarg ? mappingOf(kwarg.value, kwarg.place) : new Map(),
  }
}

/** One-key mappings are arguments by name, all else stands by position. */
function fromArgs(given: Value): { args: Value[]; kwargs: Dict } {
  const args: Value[] = []
  const kwargs: Dict = new Map()
  for (const item of isList(given) ? given : [given]) {
    if (isDict(item)) for (const [key, value] of item) kwargs.set(String(key), value)
    else if (item !== null || isList(given)) args.push(item)
  }
  return { args, kwargs }
}

function mappingOf(value: Value, place: Place): Dict {
  if (value === null) return new Map()
  const parts = isList(value) ? value : [value]
  if (!parts.every(isDict)) throw wrong('"kwarg" has to be a mapping', place)
  return new Map(parts.flatMap((part) => [...(part as Dict)]).map(([key, item]) => [String(key), item]))
}

const wrong = (reason: string, place: Place): TsaltError =>
  new TsaltError('reactor-sls-wrong', { reason }, { place })
