/** The module random: by chance, or by a seed as Salt would. */
import { bytesArgument, intArgument, textArgument } from '../salt/arguments.ts'
import { hexDigest, randomInteger } from '../salt/hashes.ts'
import { PythonRandom } from '../salt/mersenne-twister.ts'
import { sample } from '../salt/randoms.ts'
import {
  type CallContext,
  defineFilter,
  type FilterFunction,
  isInt,
  iterate,
  PyError,
  type RuntimeValue,
  sequenceOf,
  str,
  textOf,
  truthy,
} from '../values.ts'
import { type CallEntry, defineCall, minionIdOf, plainCall } from './host.ts'

const characterClasses = {
  lowercase: 'abcdefghijklmnopqrstuvwxyz',
  uppercase: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  digits: '0123456789',
  punctuation: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
  whitespace: ' \t\n\r\v\f',
}

const randomFilters: readonly (readonly [string, FilterFunction])[] = [
  defineFilter('random.hash', ['value', ['algorithm', 'sha512']], (_context, value, algorithm) =>
    hexDigest(textArgument(algorithm ?? null, 'random.hash(algorithm)'), bytesArgument(value)),
  ),
  defineFilter('random.str_encode', ['value', ['encoder', 'base64']], (context, value, encoder) => {
    if (str(encoder ?? null) !== 'base64')
      throw new PyError('ValueError', 'You must specify a valid encoder', 'Only base64 is one.')
    return context.filter('base64_encode', [value])
  }),
  defineFilter(
    'random.get_str',
    [
      ['length', 20],
      ['chars', null],
      ['lowercase', true],
      ['uppercase', true],
      ['digits', true],
      ['punctuation', true],
      ['whitespace', false],
      ['printable', false],
    ],
    randomPassword,
  ),
  defineFilter(
    'random.rand_int',
    [
      ['start', 1],
      ['end', 10],
      ['seed', null],
    ],
    (context, start, end, seed) => {
      const low = intArgument(start ?? null, 'random.rand_int(start)')
      const high = intArgument(end ?? null, 'random.rand_int(end)')
      if (high < low) throw new PyError('ValueError', `empty range for randrange() (${low}, ${high + 1})`)
      if (seed === null || seed === undefined) return randomInteger(context, BigInt(low), BigInt(high))
      return low + seeded(seed).below(high - low + 1)
    },
  ),
  defineFilter('random.sample', ['value', 'size', ['seed', null]], (context, value, size, seed) =>
    sample(context, itemsOf(value), intArgument(size, 'random.sample(size)'), seed ?? null),
  ),
  defineFilter('random.shuffle', ['value', ['seed', null]], (context, value, seed) =>
    sample(context, itemsOf(value), itemsOf(value).length, seed ?? null),
  ),
  defineFilter('random.shadow_hash', ['*args', '**kwargs'], () => {
    throw new PyError(
      'TemplateRuntimeError',
      'random.shadow_hash is not offered: a new hash in each run would change the password in each run',
      'Put the finished hash into the pillar, for example made with "mkpasswd -m sha-512".',
    )
  }),
]

export const randomCalls: readonly CallEntry[] = [
  ...randomFilters.map(plainCall),
  defineCall(
    'random.seed',
    [
      ['range', 10],
      ['hash', null],
    ],
    (call, range, hash) => {
      const limit = intArgument(range ?? null, 'random.seed(range)')
      if (limit < 1) throw new PyError('ValueError', 'empty range for randrange()')
      return seeded(hash ?? null, minionIdOf(call)).below(limit)
    },
  ),
]

const itemsOf = (value: RuntimeValue): readonly RuntimeValue[] => sequenceOf(value) ?? [...iterate(value)]

function seeded(seed: RuntimeValue, absent = ''): PythonRandom {
  if (seed === null) return new PythonRandom(absent)
  if (isInt(seed)) return new PythonRandom(BigInt(seed))
  return new PythonRandom(textArgument(seed, 'seed'))
}

function randomPassword(
  context: CallContext,
  length: RuntimeValue = 20,
  given: RuntimeValue = null,
  ...wanted: RuntimeValue[]
): string {
  const [
    lower = true,
    upper = true,
    digits = true,
    punctuation = true,
    whitespace = false,
    printable = false,
  ] = wanted
  let characters = textOf(given) ?? ''
  if (characters === '') {
    if (truthy(lower)) characters += characterClasses.lowercase
    if (truthy(upper)) characters += characterClasses.uppercase
    if (truthy(digits)) characters += characterClasses.digits
    if (truthy(punctuation)) characters += characterClasses.punctuation
    if (truthy(whitespace)) characters += characterClasses.whitespace
    if (truthy(printable)) characters = Object.values(characterClasses).join('')
  }
  const choices = Array.from(characters)
  const count = isInt(length) ? Number(length) : intArgument(length, 'random.get_str(length)')
  if (choices.length === 0) throw new PyError('ValueError', 'random.get_str: no characters to choose from')
  context.spend(count)
  return Array.from(
    { length: Math.max(0, count) },
    () => choices[Math.floor(context.ports.random() * choices.length)] ?? '',
  ).join('')
}
