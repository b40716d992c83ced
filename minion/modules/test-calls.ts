/** Further functions of `test`: numbers, chance, configuration, and failures on purpose. */
import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { systemClock } from '../../shared/clock.ts'
import type { Plain } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { anything } from '../../shared/schema/collections.ts'
import { choice, seconds, text, whole } from '../../shared/schema/scalars.ts'
import { asking } from './define.ts'

/** Most steps that are answered; a job's answer is no place for more. */
const most = 10_000

function bounded(fun: string, num: number): number {
  if (num <= most) return num
  throw new TsaltError('function-failed', { fun, reason: `at most ${most} are counted` })
}

function fibonacci(steps: number): number {
  let [a, b] = [0, 1]
  for (let step = 0; step < steps; step++) [a, b] = [b, a + b]
  return a
}

function collatz(start: number): number[] {
  const path = [start]
  for (let at = start; at > 1; path.push(at)) at = at % 2 === 0 ? at / 2 : 3 * at + 1
  return path
}

const hashName = defaulted(choice(['md5', 'sha1', 'sha256', 'sha512']), 'sha512', 'Algorithm.')

export const testCalls = {
  fib: asking(
    'A number of Fibonacci, and the seconds that it took.',
    'test.fib 30',
    { num: needed(whole, 'Which one.') },
    async ({ num }) => {
      const from = systemClock.monotonic()
      return [fibonacci(bounded('test.fib', num)), (systemClock.monotonic() - from) / 1000]
    },
  ),
  collatz: asking(
    'The way of Collatz from a number to 1, and the seconds that it took.',
    'test.collatz 5',
    { start: needed(whole, 'The number.') },
    async ({ start }) => {
      const from = systemClock.monotonic()
      const path = start < 1 ? [] : collatz(Math.min(start, 2 ** 31))
      return [path, (systemClock.monotonic() - from) / 1000]
    },
  ),
  rand_sleep: asking(
    'Waits for a time by chance.',
    'test.rand_sleep 60',
    { max: defaulted(seconds, 60, 'Seconds at most.') },
    async ({ max }, { job }) => {
      await pause(systemClock.random() * max * 1000, undefined, { signal: job.signal }).catch(() => undefined)
      return true
    },
  ),
  rand_str: asking(
    'A hash by chance.',
    'test.rand_str',
    { size: optional(anything, 'Accepted.'), hash_type: hashName },
    async ({ hash_type }) => hashed(hash_type),
  ),
  random_hash: asking(
    'A hash by chance.',
    'test.random_hash',
    { size: optional(anything, 'Accepted.'), hash_type: hashName },
    async ({ hash_type }) => hashed(hash_type),
  ),
  conf_test: asking(
    'Value of the option test.foo of the configuration.',
    'test.conf_test',
    {},
    async (_, { config }) => (config.get('test.foo') ?? null) as Plain,
  ),
  get_opts: asking(
    'The configuration of the minion.',
    'test.get_opts',
    {},
    async (_, { config }) => config as Plain,
  ),
  not_loaded: asking(
    'Modules that could not be loaded: none, each is loaded when it is called.',
    'test.not_loaded',
    {},
    async () => [],
  ),
  exception: asking(
    'Fails on purpose.',
    "test.exception 'Oh no!'",
    { message: defaulted(text, 'Test Exception', 'What it says.') },
    async ({ message }) => {
      throw new TsaltError('function-failed', { fun: 'test.exception', reason: message })
    },
  ),
  assertion: asking(
    'Fails where what it is given is not so.',
    'test.assertion False',
    { assertion: needed(anything, 'What should be so.') },
    async ({ assertion }) => {
      if (!assertion)
        throw new TsaltError('function-failed', { fun: 'test.assertion', reason: 'it is not so' })
      return null
    },
  ),
  arg_type: asking(
    'Types of what is given, as Python calls them.',
    'test.arg_type 1 text True',
    { args: optional(anything, 'Whatever.') },
    async ({ args }) => (Array.isArray(args) ? args : []).map((value) => `<class '${pythonType(value)}'>`),
    { rest: 'args' },
  ),
}

function pythonType(value: unknown): string {
  if (typeof value === 'string') return 'str'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number' || typeof value === 'bigint') return 'int'
  if (value === null) return 'NoneType'
  if (Array.isArray(value)) return 'list'
  return value instanceof Map ? 'dict' : 'float'
}

async function hashed(algorithm: string): Promise<string> {
  const { createHash } = await import('node:crypto')
  return createHash(algorithm).update(randomBytes(64)).digest('hex')
}
