import { describe, expect, test } from 'vitest'
import { saltFilters, saltTests } from '../../../../../../shared/render/jinja/salt/registry.ts'
import { PyError, type RuntimeValue, repr, Undefined } from '../../../../../../shared/render/jinja/values.ts'
import { plainContext } from '../../../../../cases/jinja-salt/template-context.ts'

function run(name: string, ...args: RuntimeValue[]): RuntimeValue {
  const filter = saltFilters.get(name)
  if (filter === undefined) throw new Error(`no filter ${name}`)
  return filter(plainContext(saltFilters), args, new Map())
}

describe('dates as texts', () => {
  // The plain context is at 2023-11-14 22:13:20 UTC.
  test.each([
    ['now', '2023-11-14 22:13:20'],
    ['today', '2023-11-14 00:00:00'],
    ['tomorrow', '2023-11-15 00:00:00'],
    ['yesterday noon', '2023-11-13 12:00:00'],
    ['2002/12/25', '2002-12-25 00:00:00'],
    ['2002-12-25 12:30', '2002-12-25 12:30:00'],
    ['2002-12-25T12:30:59Z', '2002-12-25 12:30:59'],
    ['2002-12-25 12:30:59 +02:00', '2002-12-25 10:30:59'],
    ['20021225', '2002-12-25 00:00:00'],
    ['12/25/2002', '2002-12-25 00:00:00'],
    ['25.12.2002', '2002-12-25 00:00:00'],
    ['Dec 25, 2002 3:05 pm', '2002-12-25 15:05:00'],
    ['25 December 2002', '2002-12-25 00:00:00'],
    ['+2 weeks', '2023-11-28 22:13:20'],
    ['3 days ago', '2023-11-11 22:13:20'],
    ['next month', '2023-12-14 22:13:20'],
    ['tomorrow +1 hour', '2023-11-15 01:00:00'],
    ['@1040814000', '2002-12-25 11:00:00'],
  ])('%s', (text, wanted) => {
    expect(run('strftime', text, '%Y-%m-%d %H:%M:%S')).toBe(wanted)
  })

  test('another text is refused with examples', () => {
    expect(() => run('strftime', 'sometime')).toThrow(/Unable to parse 'sometime' as a date/)
  })
})

test('an undefined value names itself in every filter that looks at it', () => {
  const missing = new Undefined("'x' is undefined", true)
  for (const name of [
    'quote',
    'regex_replace',
    'unique',
    'union',
    'md5',
    'traverse',
    'to_num',
    'tojson',
    'ipaddr',
  ])
    expect(() => run(name, missing, 'a', 'b'.repeat(1)), name).toThrow(/x|positional/)
})

test('filters that look at the machine say so', () => {
  expect(() => run('json_query', 'x')).toThrow(/is not offered/)
  for (const name of [
    'http_query',
    'dns_check',
    'list_files',
    'is_empty',
    'is_text_file',
    'is_bin_file',
    'which',
    'get_uid',
    'file_hashsum',
  ])
    expect(() => run(name, 'x'), name).toThrow(/is not offered here/)
})

test('dicts that are changed in place are announced first, lists in them too', () => {
  const inner: RuntimeValue[] = [1]
  const dict = new Map<RuntimeValue, RuntimeValue>([
    ['a', new Map<RuntimeValue, RuntimeValue>([['l', inner]])],
  ])
  const context = plainContext(saltFilters)
  saltFilters.get('append_dict_key_value')?.(context, [dict, 'a:l', 2], new Map())
  expect(context.changed).toContain(inner)
  expect(context.changed).toContain(dict.get('a'))
  expect(repr(dict)).toBe("{'a': {'l': [1, 2]}}")
})

test('networks and combinations that are too large are refused or counted', () => {
  expect(() => run('network_hosts', '::/64')).toThrow(PyError)
  const context = plainContext()
  const product = saltFilters.get('product')
  expect(() => product?.(context, [[1]], new Map([['repeat', -1]]))).toThrow(PyError)
})

test('chance comes from the port', () => {
  expect(run('random_str', 12)).toMatch(/^[A-Za-z0-9+/]{12}$/)
  expect(run('random_hash', 100, 'sha256')).toMatch(/^[0-9a-f]{64}$/)
  expect(run('rand_str')).toMatch(/^[0-9a-f]{32}$/)
  expect(run('gen_mac', '00:16:3E')).toMatch(/^00:16:3E(:[0-9A-F]{2}){3}$/)
  expect([...(run('random_shuffle', [1, 2, 3]) as RuntimeValue[])].sort()).toEqual([1, 2, 3])
})

test('tests equalto and list', () => {
  const is = (name: string, ...args: RuntimeValue[]): RuntimeValue | undefined =>
    saltTests.get(name)?.(plainContext(), args, new Map())
  expect(is('equalto', 1, true)).toBe(true)
  expect(is('equalto', '1', 1)).toBe(false)
  expect(is('list', [])).toBe(true)
  expect(is('list', new Map())).toBe(false)
})
