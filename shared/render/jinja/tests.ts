/** Jinja's own tests. */

import { Loop } from './objects.ts'
import { moduloValues } from './operators.ts'
import {
  compareValues,
  containsValue,
  defineTest,
  equalRuntime,
  type FilterFunction,
  isFloat,
  isInt,
  isNumber,
  Markup,
  PyBytes,
  PyCallable,
  PyIterator,
  PyObject,
  PyRange,
  type RuntimeValue,
  requireHashable,
  sequenceOf,
  str,
  textOf,
  Undefined,
} from './values.ts'

function compares(
  names: readonly string[],
  holds: (order: number) => boolean,
  sign: string,
): [string, FilterFunction][] {
  return names.map((name) =>
    defineTest(name, ['a', 'b'], (_, a, b) => {
      const order = compareValues(a, b, sign)
      return order !== undefined && holds(order)
    }),
  )
}

function equals(names: readonly string[], wanted: boolean): [string, FilterFunction][] {
  return names.map((name) => defineTest(name, ['a', 'b'], (_, a, b) => equalRuntime(a, b) === wanted))
}

/** Of a text `%` makes another one. */
function leaves(value: RuntimeValue, by: RuntimeValue, rest: number): boolean {
  return equalRuntime(moduloValues(value, by), rest)
}

function isIterable(value: RuntimeValue): boolean {
  if (value instanceof Undefined) return value.strict ? value.fail() : true
  return (
    typeof value === 'string' ||
    Array.isArray(value) ||
    value instanceof Map ||
    (value instanceof PyObject && iterableKinds(value))
  )
}

function iterableKinds(value: PyObject): boolean {
  // A generator gives its items once: asking must not take them.
  return value instanceof Loop || value instanceof PyIterator || value.items() !== undefined
}

/** What has a length and items by number or key. */
function isSequence(value: RuntimeValue): boolean {
  if (textOf(value) !== undefined || Array.isArray(value) || value instanceof Map) return true
  if (value instanceof Undefined) return !value.strict
  return sequenceOf(value) !== undefined || value instanceof PyRange || value instanceof PyBytes
}

function same(a: RuntimeValue, b: RuntimeValue): boolean {
  return a === b
}

function registeredName(value: RuntimeValue): string {
  requireHashable(value)
  return textOf(value) ?? ''
}

function isUpper(text: string): boolean {
  return /\p{Lu}/u.test(text) && !/[\p{Ll}\p{Lt}]/u.test(text)
}

function isLower(text: string): boolean {
  return /\p{Ll}/u.test(text) && !/[\p{Lu}\p{Lt}]/u.test(text)
}

function named(name: string, holds: (value: RuntimeValue) => boolean): [string, FilterFunction] {
  return defineTest(name, ['value'], (_, value) => holds(value))
}

export const builtinTests: readonly (readonly [string, FilterFunction])[] = [
  named('defined', (value) => !(value instanceof Undefined)),
  named('undefined', (value) => value instanceof Undefined),
  named('none', (value) => value === null),
  named('boolean', (value) => typeof value === 'boolean'),
  named('true', (value) => value === true),
  named('false', (value) => value === false),
  named('integer', (value) => isInt(value) && typeof value !== 'boolean'),
  named('float', (value) => isFloat(value)),
  named('number', (value) => isNumber(value)),
  named('string', (value) => textOf(value) !== undefined),
  named('mapping', (value) => value instanceof Map),
  named('iterable', isIterable),
  named('sequence', isSequence),
  named(
    'callable',
    (value) => value instanceof PyCallable || value instanceof Loop || value instanceof Undefined,
  ),
  named('escaped', (value) => value instanceof Markup),
  named('upper', (value) => isUpper(str(value))),
  named('lower', (value) => isLower(str(value))),
  named('odd', (value) => leaves(value, 2, 1)),
  named('even', (value) => leaves(value, 2, 0)),
  defineTest('divisibleby', ['value', 'num'], (_, value, by) => leaves(value, by, 0)),
  defineTest('sameas', ['value', 'other'], (_, value, other) => same(value, other)),
  defineTest('in', ['value', 'seq'], (_, value, list) => containsValue(list, value)),
  defineTest('filter', ['value'], (context, value) => context.filters.has(registeredName(value))),
  defineTest('test', ['value'], (context, value) => context.tests.has(registeredName(value))),
  ...equals(['eq', 'equalto', '=='], true),
  ...equals(['ne', '!='], false),
  ...compares(['lt', 'lessthan', '<'], (order) => order < 0, '<'),
  ...compares(['le', '<='], (order) => order <= 0, '<='),
  ...compares(['gt', 'greaterthan', '>'], (order) => order > 0, '>'),
  ...compares(['ge', '>='], (order) => order >= 0, '>='),
]
