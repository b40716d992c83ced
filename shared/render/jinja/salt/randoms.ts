/** Filters that choose by chance, or by a seed as Salt would. */
import {
  type CallContext,
  defineFilter,
  type FilterFunction,
  PyError,
  type RuntimeValue,
  sequenceOf,
  textOf,
  typeName,
  Undefined,
} from '../values.ts'
import { intArgument } from './arguments.ts'
import { hexDigest } from './hashes.ts'
import { PythonRandom, sampleOf } from './mersenne-twister.ts'

export const randomFilters: readonly (readonly [string, FilterFunction])[] = [
  defineFilter('random_sample', ['value', 'size', ['seed', null]], (context, value, size, seed) => {
    const items = itemsOf(value)
    return sample(context, items, intArgument(size, 'random_sample(size)'), seed)
  }),
  defineFilter('random_shuffle', ['value', ['seed', null]], (context, value, seed) => {
    const items = itemsOf(value)
    return sample(context, items, items.length, seed)
  }),
  defineFilter('gen_mac', [['prefix', 'AC:DE:48']], (context, prefix) =>
    generateMac(context, textOf(prefix) ?? ''),
  ),
]

function itemsOf(value: RuntimeValue): readonly RuntimeValue[] {
  if (value instanceof Undefined && value.strict) value.fail()
  const text = textOf(value)
  const items = text === undefined ? sequenceOf(value) : Array.from(text)
  if (items === undefined)
    throw new PyError(
      'TypeError',
      `Population must be a sequence, not ${typeName(value)}.`,
      'Make a list of it first: value | list.',
    )
  return items
}

export function sample(
  context: CallContext,
  items: readonly RuntimeValue[],
  count: number,
  seed: RuntimeValue,
): RuntimeValue[] {
  if (count < 0 || count > items.length)
    throw new PyError('ValueError', 'Sample larger than population or is negative')
  context.spend(items.length)
  if (seed === null) return sampleOf(items, count, (limit) => Math.floor(context.ports.random() * limit))
  return new PythonRandom(seedOf(seed)).sample(items, count)
}

/** Salt hashes what it is given. */
export function seedOf(seed: RuntimeValue): string {
  const text = textOf(seed)
  if (text === undefined)
    throw new PyError(
      'TypeError',
      `seed: a text is wanted, not ${typeName(seed)}`,
      'Write the seed in quotes.',
    )
  return hexDigest('sha512', Buffer.from(text, 'utf8'))
}

export function generateMac(context: CallContext, prefix: string): string {
  const byte = (): string =>
    Math.floor(context.ports.random() * 256)
      .toString(16)
      .toUpperCase()
      .padStart(2, '0')
  return [prefix, byte(), byte(), byte()].join(':')
}
