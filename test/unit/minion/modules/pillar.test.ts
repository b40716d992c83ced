import { describe, expect, it } from 'vitest'
import { isAnswer, type ModuleContext } from '../../../../minion/modules/contract.ts'
import { pillarModule } from '../../../../minion/modules/pillar.ts'
import { type Plain, toPlain, type Value } from '../../../../shared/data/value.ts'
import { isTsaltError } from '../../../../shared/errors/error.ts'
import { dict } from '../../shared/sls/memory-tree.ts'

const held = dict({
  redis: { port: 6379, bind: ['a', 'b'], deep: { x: 1 } },
  'a:b': 1,
  none: null,
  n: { 1: 'one' },
})

async function call(fun: string, args: Record<string, Plain>, trouble: string[] = [], config: Plain = {}) {
  const context = {
    look: { pillar: trouble.length === 0 ? held : dict({}) },
    config: dict(config),
    services: {
      pillar: {
        trouble: () => trouble,
        compile: async ({ environment }: { environment?: string }) => ({
          pillar: dict({ from: environment ?? 'all' }),
          errors: trouble,
        }),
      },
    },
  } as unknown as ModuleContext
  const given = { delimiter: ':', merge: false, default: undefined, ...Object.fromEntries(dict(args)) }
  try {
    const ret = await pillarModule.functions[fun]?.run(given as never, context)
    return isAnswer(ret) ? { retcode: ret.retcode, ret: plain(ret.ret) } : plain(ret as Plain)
  } catch (error) {
    if (!isTsaltError(error)) throw error
    return error.code
  }
}
const plain = (value: Plain): unknown => JSON.parse(JSON.stringify(toPlain((value ?? null) as Value)))

describe('pillar.get', () => {
  it.each<[Record<string, Plain>, unknown]>([
    [{ key: 'redis:port' }, 6379],
    [{ key: 'redis:bind:1' }, 'b'],
    [{ key: 'n:1' }, 'one'],
    [{ key: 'none' }, null],
    [{ key: 'nope' }, ''],
    [{ key: 'nope', default: [1] }, [1]],
    [{ key: 'redis/port', delimiter: '/' }, 6379],
    [{ key: 'a:b', delimiter: '/' }, 1],
    [
      { key: 'redis', merge: true, default: { port: 1, more: 2, deep: { y: 2 }, bind: ['c'] } },
      { port: 6379, more: 2, deep: { y: 2, x: 1 }, bind: ['a', 'b'] },
    ],
    [
      { key: 'redis', merge: true, merge_nested_lists: true, default: { bind: ['c', 'a'] } },
      { port: 6379, deep: { x: 1 }, bind: ['c', 'a', 'b'] },
    ],
    [{ key: 'redis:bind', merge: true, default: ['b', 'c'] }, ['b', 'c', 'a']],
    [{ key: 'nope', merge: true, default: { a: 1 } }, { a: 1 }],
    [{ key: 'redis:port', merge: true, default: { a: 1 } }, 6379],
    [{ key: 'from', pillarenv: 'dev' }, 'dev'],
  ])('%j', async (args, expected) => expect(await call('get', args)).toEqual(expected))

  it('of what is not there is an error where the minion wants that', async () => {
    const strict = { pillar_raise_on_missing: true }
    expect(await call('get', { key: 'nope' }, [], strict)).toBe('pillar-key-missing')
    expect(await call('get', { key: 'nope', default: 1 }, [], strict)).toBe(1)
  })
})

describe('the others', () => {
  it.each<[string, Record<string, Plain>, unknown]>([
    ['item', { keys: ['redis:port', 'nope'] }, { 'redis:port': 6379, nope: '' }],
    ['item', { keys: ['redis/port', 'nope'], delimiter: '/', default: 0 }, { 'redis/port': 6379, nope: 0 }],
    ['ls', {}, ['redis', 'a:b', 'none', 'n']],
    ['keys', { key: 'redis' }, ['port', 'bind', 'deep']],
    ['keys', { key: 'nope' }, 'pillar-key-missing'],
    ['keys', { key: 'none' }, 'pillar-key-no-mapping'],
    ['raw', { key: 'a:b' }, 1],
    ['raw', { key: 'redis:port' }, {}],
    ['obfuscate', {}, { from: '<str>' }],
    ['obfuscate', { keys: ['from', 'nope'] }, { from: '<str>', nope: '<str>' }],
  ])('%s %j', async (fun, args, expected) => expect(await call(fun, args)).toEqual(expected))
})

it.each([
  ['get', { key: 'redis:port' }],
  ['get', { key: 'redis:port', pillarenv: 'dev' }],
  ['item', { keys: ['redis'] }],
  ['ls', {}],
  ['keys', { key: 'redis' }],
  ['raw', {}],
  ['items', {}],
  ['obfuscate', {}],
])('pillar.%s of a pillar that did not compile says so and fails', async (fun, args) => {
  const trouble = ["Rendering pillar SLS 'x' failed."]
  expect(await call(fun, args as Record<string, Plain>, trouble)).toEqual({
    retcode: 5,
    ret: { _errors: trouble },
  })
})
