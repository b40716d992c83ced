/** The helpers that answer with a value: `{{name arguments}}` and `(name arguments)`. */
import { nearest } from '../../data/nearest.ts'
import { equalValues, isDict, isList, PyFloat, type Value } from '../../data/value.ts'
import { dumpJson, dumpYaml } from '../yaml-dump.ts'
import type { HelperCall } from './call.ts'
import { callMachine } from './machine.ts'
import { step } from './step.ts'
import { DictView, ListView, originalOf } from './views.ts'

export interface Helper {
  /** How it is called, for the reference page. */
  readonly usage: string
  readonly summary: string
  /** Most positional arguments. */
  readonly most: number
  run(call: HelperCall): Value | undefined | DictView | ListView
}

const helper = (usage: string, summary: string, most: number, run: Helper['run']): Helper => ({
  usage,
  summary,
  most,
  run,
})

export const valueHelpers: Readonly<Record<string, Helper>> = {
  pillar: helper(
    "pillar 'a:b:c' [default]",
    'A pillar value by its path; an error where it is missing.',
    2,
    (call) => lookIn(call, 'pillar'),
  ),
  grain: helper("grain 'a:b' [default]", 'A grain by its path; an error where it is missing.', 2, (call) =>
    lookIn(call, 'grains'),
  ),
  grains: helper("grains 'a:b' [default]", 'The same as grain.', 2, (call) => lookIn(call, 'grains')),
  opts: helper("opts 'name' [default]", 'A configuration option.', 2, (call) => lookIn(call, 'opts')),
  salt: helper(
    "salt 'cmd.run' 'uptime' [name=value …]",
    'What an execution function of the machine answers.',
    20,
    callMachine,
  ),
  json: helper('json value [indent=2]', 'The value as JSON.', 1, (call) =>
    dumpJson(call.value(0), spaces(call.named('indent'))),
  ),
  yaml: helper('yaml value', 'The value as block YAML, without a newline at its end.', 1, (call) =>
    dumpYaml(call.value(0)),
  ),
  join: helper("join list [', ']", 'The items of a list as one text.', 2, (call) => join(call)),
  default: helper(
    'default value fallback',
    'The fallback where the value is not defined or null.',
    2,
    (call) => (call.arg(0) === undefined || call.arg(0) === null ? call.value(1) : call.arg(0)),
  ),
  eq: helper('eq a b', 'Equal, as in Python: 1 == 1.0.', 2, (call) =>
    equalValues(call.value(0), call.value(1)),
  ),
  ne: helper('ne a b', 'Not equal.', 2, (call) => !equalValues(call.value(0), call.value(1))),
  lt: helper('lt a b', 'Less than: two numbers or two texts.', 2, (call) => compare(call) < 0),
  le: helper('le a b', 'Less than or equal.', 2, (call) => compare(call) <= 0),
  gt: helper('gt a b', 'Greater than.', 2, (call) => compare(call) > 0),
  ge: helper('ge a b', 'Greater than or equal.', 2, (call) => compare(call) >= 0),
  and: helper('and a b …', 'The first value that is empty, else the last.', 20, (call) => {
    const index = call.args.findIndex((value) => !isTrue(value))
    return call.args.at(index) ?? false
  }),
  or: helper('or a b …', 'The first value that is not empty, else the last.', 20, (call) => {
    const found = call.args.find(isTrue)
    return found === undefined ? (call.args.at(-1) ?? false) : found
  }),
  not: helper('not a', 'True for what is empty or not defined.', 1, (call) => !isTrue(call.arg(0))),
  contains: helper(
    'contains where what',
    'A list has the item, a mapping the key, a text the part.',
    2,
    (call) => contains(call),
  ),
  indent: helper('indent text n', 'Moves every line but the first n spaces to the right.', 2, (call) =>
    replaced(call, '\n', `\n${' '.repeat(Math.max(0, Math.min(200, call.whole(1))))}`),
  ),
  lower: helper('lower text', 'In lower case.', 1, (call) => call.text(0).toLowerCase()),
  upper: helper('upper text', 'In upper case.', 1, (call) => call.text(0).toUpperCase()),
  trim: helper('trim text', 'Without blanks at both ends.', 1, (call) => call.text(0).trim()),
  replace: helper("replace text 'old' 'new'", 'Every occurrence replaced.', 3, (call) =>
    replaced(call, call.text(1), call.text(2)),
  ),
  split: helper("split text ','", 'The parts of a text as a list.', 2, (call) =>
    call.text(0).split(call.text(1)),
  ),
  length: helper('length value', 'Items of a list, keys of a mapping, characters of a text.', 1, (call) =>
    size(call),
  ),
  concat: helper('concat a b …', 'Texts and numbers as one text.', 20, (call) =>
    call.visible.map((_, index) => call.text(index)).join(''),
  ),
  add: helper('add a b', 'The sum of two numbers.', 2, (call) => numeric(call, 0) + numeric(call, 1)),
  lookup: helper('lookup where key', 'What a mapping has under a key or a list at an index.', 2, (call) => {
    const [where] = call.visible
    if (where === undefined) throw call.wrong('argument 1 is not defined')
    return originalOf(step(where, call.text(1), false, call.options.loc))
  }),
}

function replaced(call: HelperCall, old: string, by: string): string {
  const text = call.text(0)
  const places = old === '' ? text.length + 1 : text.split(old).length - 1
  call.willMake(text.length + places * (by.length - old.length))
  return text.replaceAll(old, () => by)
}

/** As Python's truth: empty texts, lists and mappings, zero, null and what is not defined are false. */
export function isTrue(value: Value | undefined): boolean {
  if (isList(value)) return value.length > 0
  if (isDict(value)) return value.size > 0
  if (value instanceof PyFloat) return value.value !== 0
  return Boolean(value)
}

function lookIn(call: HelperCall, variable: string): Value | undefined {
  const path = call.text(0)
  let current: unknown = step(call.root, variable, true, call.options.loc)
  let at = variable
  for (const name of path.split(':')) {
    const container = current instanceof DictView || current instanceof ListView
    const next = container ? step(current, name, false, call.options.loc) : undefined
    if (next === undefined) {
      if (call.visible.length > 1) return call.arg(1)
      const near = current instanceof DictView ? nearest(name, current.keys()) : undefined
      const hint = near ? `Did you mean "${near}"?` : 'Define it, or give a default as second argument.'
      throw call.problem('template-undefined', path, `(${at} has no "${name}")`, hint)
    }
    at = `${at}:${name}`
    current = next
  }
  return originalOf(current)
}

function join(call: HelperCall): string {
  const list = call.value(0)
  if (!isList(list)) throw call.wrong('argument 1 must be a list')
  for (const item of list)
    if (isList(item) || isDict(item)) throw call.wrong('the list has items that are not text')
  return list.map((item) => String(originalText(item))).join(call.visible.length > 1 ? call.text(1) : ', ')
}

const originalText = (item: Value): unknown => (item instanceof PyFloat ? item.value.toFixed(1) : item)

function compare(call: HelperCall): number {
  const [a, b] = [call.value(0), call.value(1)]
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0
  return numeric(call, 0) - numeric(call, 1)
}

function numeric(call: HelperCall, index: number): number {
  const value = call.value(index)
  if (value instanceof PyFloat) return value.value
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value)
  throw call.wrong(`argument ${index + 1} must be a number, as the other`)
}

function contains(call: HelperCall): boolean {
  const [where, what] = [call.value(0), call.value(1)]
  if (isList(where)) return where.some((item) => equalValues(item, what))
  if (isDict(where))
    return !isList(what) && !isDict(what) && where.has(what instanceof PyFloat ? what.value : what)
  return call.text(0).includes(call.text(1))
}

function size(call: HelperCall): number {
  const value = call.value(0)
  if (isList(value)) return value.length
  return isDict(value) ? value.size : [...call.text(0)].length
}

function spaces(indent: Value | undefined): number {
  return typeof indent === 'number' ? Math.max(0, Math.min(16, Math.trunc(indent))) : 0
}
