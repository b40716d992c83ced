import { describe, expect, test } from 'vitest'
import type { Dict, Key, Value } from '../../../../../../shared/data/value.ts'
import { saltFilters } from '../../../../../../shared/render/jinja/salt/registry.ts'
import { saltCalls } from '../../../../../../shared/render/jinja/salt-calls/registry.ts'
import { environmentCalls } from '../../../../../../shared/render/jinja/salt-calls/text-calls.ts'
import { compareRpmVersions } from '../../../../../../shared/render/jinja/salt-calls/version-order.ts'
import { type RuntimeValue, repr } from '../../../../../../shared/render/jinja/values.ts'
import { Reads } from '../../../../../../shared/render/reads.ts'
import { plainContext } from '../../../../../cases/jinja-salt/template-context.ts'

const dict = (entries: readonly (readonly [Key, Value])[]): Dict => new Map(entries)
const grains = dict([
  ['id', 'web1.example.org'],
  ['os', 'Debian'],
  ['roles', ['web', 'cache']],
  ['ipv4', ['127.0.0.1', '10.1.2.3']],
])
const pillar = dict([['app', dict([['name', 'Shop-7']])]])

function call(
  name: string,
  args: RuntimeValue[],
  kwargs: [string, RuntimeValue][] = [],
  reads?: Reads,
): RuntimeValue {
  const run = saltCalls.get(name)
  if (run === undefined) throw new Error(`no call ${name}`)
  return run(
    { context: plainContext(saltFilters), variables: { grains, pillar }, reads },
    args,
    new Map(kwargs),
  )
}

describe('targets', () => {
  test.each<[string, RuntimeValue, boolean]>([
    ['glob', 'web*', true],
    ['glob', 'db*', false],
    ['glob', 5, false],
    ['list', 'a,web1.example.org', true],
    ['list', ['web1.example.org'], true],
    ['list', 'web1', false],
    ['pcre', 'web\\d\\.', true],
    ['pcre', '(', false],
    ['grain', 'os:Deb*', true],
    ['grain', 'roles:cache', true],
    ['grain', 'roles', false],
    ['grain_pcre', 'os:(debian|ubuntu)', true],
    ['grain_pcre', 'roles:we.', true],
    ['grain_pcre', 'roles:x', false],
    ['pillar', 'app:name:Shop-7', true],
    ['pillar_pcre', 'app:name:shop-\\d', true],
    ['ipcidr', '10.0.0.0/8', true],
    ['ipcidr', '192.168.0.0/16', false],
    ['compound', 'web* and G@os:Debian', true],
    ['compound', 'G@os:Debian and not G@roles:db', true],
    ['compound', 'not web*', false],
    ['compound', '( db* or web* ) and E@.*org', true],
    ['compound', 'db* or web* and not L@x,y', true],
    ['compound', 'P@os:(Deb|Ubu).* and S@10.1.2.3 and I@app:name:Shop-7', true],
    ['compound', 'web* not db*', true],
    ['compound', 'and web*', false],
    ['compound', 'web* db*', false],
    ['compound', '( web*', false],
    ['compound', 'X@a', false],
    ['compound', 'G|@os|Debian', true],
    ['compound', ['web*', 'and', 'G@os:Debian'], true],
  ])('match.%s %j is %s', (kind, expression, wanted) => {
    expect(call(`match.${kind}`, [expression])).toBe(wanted)
  })

  test('for another minion, choosing by them', () => {
    expect(call('match.glob', ['db*', 'db1'])).toBe(true)
    const lookup = new Map<RuntimeValue, RuntimeValue>([
      ['db*', 1],
      ['G@os:Debian', 2],
      ['default', 3],
    ])
    expect(call('match.filter_by', [lookup])).toBe(2)
    expect(call('match.filter_by', [lookup], [['minion_id', 'db1']])).toBe(1)
    expect(call('match.ifelse', ['db*', 'a', 'web*', 'b', 'c'])).toBe('b')
    expect(call('match.ifelse', [false, 'a', 'c'])).toBe('c')
    const roles = new Map<RuntimeValue, RuntimeValue>([
      ['w', ['web*']],
      ['d', ['db*', 'x']],
    ])
    expect(repr(call('match.search_by', [roles]))).toBe("['w']")
  })
})

test('what was read is noted, so that the result is kept for the right minions', () => {
  const reads = new Reads()
  call('grains.filter_by', [new Map([['Debian', 'x']])], [['grain', 'os']], reads)
  expect([...reads.variables]).toEqual([['grains', new Set(['os'])]])
  call('match.grain', ['os:Debian'], [], reads)
  expect(reads.variables.get('grains')).toBe('all')
})

test('serializing, echoing, logging', () => {
  expect(call('slsutil.serialize', ['json', new Map([['b', 1]])], [['indent', 2]])).toBe('{\n  "b": 1\n}')
  expect(() => call('slsutil.serialize', ['toml', 1])).toThrow(/Serializer 'toml' not found/)
  expect(call('test.echo', ['x'])).toBe('x')
  expect(repr(call('test.arg', [1], [['a', 2]]))).toBe("{'args': (1,), 'kwargs': {'a': 2}}")
  expect(call('log.warning', ['careful'])).toBe(true)
  expect(call('hashutil.digest', ['x', 'sha256'])).toHaveLength(64)
  expect(() => call('random.shadow_hash', [])).toThrow(/mkpasswd|is not offered/)
  expect(call('random.get_str', [30], [['punctuation', false]])).toMatch(/^[A-Za-z0-9]{30}$/)
})

test('environment variables come from where the host says', () => {
  const calls = new Map(
    environmentCalls({ get: (name) => (name === 'HOME' ? '/root' : undefined), names: () => ['HOME'] }),
  )
  const ask = (name: string, ...args: RuntimeValue[]): RuntimeValue | undefined =>
    calls.get(name)?.(plainContext(), args, new Map())
  expect(ask('environ.get', 'HOME')).toBe('/root')
  expect(ask('environ.get', 'X', 'd')).toBe('d')
  expect(ask('environ.has_value', 'HOME', '/')).toBe(false)
  expect(repr(ask('environ.item', ['HOME', 'X']) ?? null)).toBe("{'HOME': '/root', 'X': ''}")
})

test.each([
  ['1.0', '1.0', 0],
  ['1.0', '2.0', -1],
  ['2.0.1a', '2.0.1', 1],
  ['5.5p1', '5.5p10', -1],
  ['10xyz', '10.1xyz', -1],
  ['1.0~rc1', '1.0', -1],
  ['1.0^', '1.0', 1],
  ['1.0^git1', '1.01', -1],
  ['1:1.0', '2.0', 1],
  ['1.0-1.el9', '1.0-2.el9', -1],
  ['1.0-1', '1.0', 0],
  ['2_0', '2.0', 0],
])('rpm: %s and %s', (a, b, order) => {
  expect(Math.sign(compareRpmVersions(a, b))).toBe(order)
})
