/**
 * What the code of templates calls directly, by these names. The code notes its position in the last argument of each,
 * so that it is known when the function fails.
 */
import { getAttribute, getItem, sliceOfConstant } from './attributes.ts'
import {
  call0,
  call1,
  call2,
  callMany,
  callNamed,
  method0,
  method1,
  method2,
  methodMany,
  methodNamed,
  weigh,
} from './code-calls.ts'
import { escapeHtml } from './escape.ts'
import { folded, foldedPrint, unknown } from './folding.ts'
import { checkText } from './limits.ts'
import {
  addValues,
  concatValues,
  divideValues,
  floorDivideValues,
  moduloValues,
  multiplyValues,
  negateValue,
  positiveValue,
  powerValues,
  subtractValues,
} from './operators.ts'
import type { Made } from './output.ts'
import type { Runtime } from './runtime.ts'
import { Slice } from './slices.ts'
import {
  compareValues,
  containsValue,
  equalRuntime,
  forEachPair,
  iterate,
  Markup,
  PyIterator,
  type RuntimeValue,
  str,
  truthy,
} from './values.ts'

/** `object.name` where no dict has a method of this name. */
function member(runtime: Runtime, object: RuntimeValue, name: string): RuntimeValue {
  if (object instanceof Map) {
    const found = object.get(name)
    if (found !== undefined) return found
  }
  return getAttribute(runtime, object, name)
}

function item(runtime: Runtime, object: RuntimeValue, key: RuntimeValue): RuntimeValue {
  if (typeof key === 'string') {
    if (object instanceof Map) {
      const found = object.get(key)
      if (found !== undefined) return found
    }
  } else if (Array.isArray(object) && typeof key === 'number') {
    const found = object[key]
    if (found !== undefined) return found
  }
  if (key instanceof Slice) weigh(runtime, object)
  return getItem(runtime, object, key)
}

// Loops

/** Items to go over, paid for at once; `more` pays for those that are added meanwhile. */
function items(runtime: Runtime, value: RuntimeValue): readonly RuntimeValue[] {
  const all = iterate(value)
  runtime.spend(all.length)
  return all
}

/** The items of an iterator as far as they were asked for. */
class Pulled extends Array<RuntimeValue> {
  from?: PyIterator
}

/** As `items`, for loops that may end early: an iterator keeps what they do not come to. */
function itemsOneByOne(runtime: Runtime, value: RuntimeValue): readonly RuntimeValue[] {
  if (!(value instanceof PyIterator)) return items(runtime, value)
  const pulled = new Pulled()
  pulled.from = value
  return pulled
}

/** Whether there is one more. */
function pull(all: readonly RuntimeValue[]): boolean {
  const item = all instanceof Pulled ? all.from?.next() : undefined
  if (item === undefined) return false
  ;(all as RuntimeValue[]).push(item)
  return true
}

function more(runtime: Runtime, paid: number, now: number): number {
  runtime.spend(now - paid)
  return now
}

/** Keys and values in turn of `object.items()`. */
function pairs(runtime: Runtime, object: RuntimeValue): readonly RuntimeValue[] {
  const flat: RuntimeValue[] = []
  if (object instanceof Map) {
    forEachPair(object, (value, key) => {
      flat.push(key, value)
    })
  } else
    for (const pair of iterate(runtime.method(object, 'items', [], runtime.none)))
      flat.push(...runtime.unpack(pair, 2))
  runtime.spend(flat.length / 2)
  return flat
}

/** `loop.cycle(…)` */
function cycle(index: number, choices: readonly RuntimeValue[]): RuntimeValue {
  return choices[index % choices.length] ?? null
}

// Text

function text(value: RuntimeValue): string {
  return typeof value === 'string' ? value : str(value)
}

function concat(a: RuntimeValue, b: RuntimeValue): RuntimeValue {
  return fitting(text(a) + text(b))
}

function concatMany(values: readonly RuntimeValue[]): RuntimeValue {
  let made = ''
  for (const value of values) made += text(value)
  return fitting(made)
}

/** Where texts are escaped: what is marked as safe escapes the others. */
function concatMarked(values: readonly RuntimeValue[]): RuntimeValue {
  return concatValues(values, true)
}

/** As it stands in HTML. */
function escapedText(value: RuntimeValue): RuntimeValue {
  return value instanceof Markup ? value : escapeHtml(text(value))
}

function fitting(made: string): string {
  checkText(made.length)
  return made
}

/** The output with a value behind it, and its place noted; what a macro made brings its own places. */
function put(
  runtime: Runtime,
  marks: number[],
  output: string,
  value: RuntimeValue,
  position: number,
): string {
  const added = typeof value === 'string' ? value : str(value)
  marks.push(output.length, position)
  const { last } = runtime
  if (last !== undefined && last.text === added) {
    runtime.last = undefined
    adopt(marks, output.length, last)
  }
  return output + added
}

function adopt(marks: number[], start: number, made: Made): void {
  const { marks: own } = made
  for (let index = 0; index < own.length; index += 2)
    marks.push(start + (own[index] ?? 0), own[index + 1] ?? 0)
}

/** The output with another one behind it. @param marks undefined where nobody asks for places */
function append(output: string, marks: number[] | undefined, made: Made): string {
  if (marks !== undefined) adopt(marks, output.length, made)
  return fitting(output + made.text)
}

// Operators

function eq(a: RuntimeValue, b: RuntimeValue): boolean {
  return equalRuntime(a, b)
}
function ne(a: RuntimeValue, b: RuntimeValue): boolean {
  return !equalRuntime(a, b)
}
function lt(a: RuntimeValue, b: RuntimeValue): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a < b
  return (compareValues(a, b, '<') ?? 1) < 0
}
function le(a: RuntimeValue, b: RuntimeValue): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a <= b
  return (compareValues(a, b, '<=') ?? 1) <= 0
}
function gt(a: RuntimeValue, b: RuntimeValue): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a > b
  return (compareValues(a, b, '>') ?? -1) > 0
}
function ge(a: RuntimeValue, b: RuntimeValue): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a >= b
  return (compareValues(a, b, '>=') ?? -1) >= 0
}
function isIn(runtime: Runtime, a: RuntimeValue, b: RuntimeValue): boolean {
  if (typeof b === 'object' && !(b instanceof Map)) weigh(runtime, b)
  return containsValue(b, a)
}
function notIn(runtime: Runtime, a: RuntimeValue, b: RuntimeValue): boolean {
  return !isIn(runtime, a, b)
}

export const codeFunctions = {
  attr: getAttribute,
  sliceOfConstant,
  folded,
  foldedPrint,
  unknown,
  escapedText,
  member,
  item,
  call0,
  call1,
  call2,
  callMany,
  callNamed,
  method0,
  method1,
  method2,
  methodMany,
  methodNamed,
  weigh,
  items,
  itemsOneByOne,
  pull,
  more,
  pairs,
  cycle,
  text,
  concat,
  concatMany,
  concatMarked,
  checkText,
  put,
  append,
  truth: truthy,
  add: addValues,
  sub: subtractValues,
  mul: multiplyValues,
  div: divideValues,
  floordiv: floorDivideValues,
  mod: moduloValues,
  pow: powerValues,
  neg: negateValue,
  pos: positiveValue,
  eq,
  ne,
  lt,
  le,
  gt,
  ge,
  isIn,
  notIn,
} as const

export type CodeFunction = keyof typeof codeFunctions
