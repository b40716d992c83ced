/** Which events an entry of the reactor is for, and what a minion can never pass for. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { readEntries } from '../../../../master/reactor/entry.ts'
import { dataOf } from '../../../../master/reactor/event-data.ts'
import { matcherOf } from '../../../../master/reactor/matching.ts'
import { type Plain, toPlain, toValue, type Value } from '../../../../shared/data/value.ts'

test.each<[glob: string, tag: string, seen: string | undefined]>([
  ['salt/minion/*/start', 'salt/minion/web1/start', 'salt/minion/web1/start'],
  ['salt/minion/*/start', 'salt/minion/web1/stop', undefined],
  ['minion_start', 'salt/minion/web1/start', 'minion_start'],
  ['my/tag', 'minion/web1/my/tag', 'my/tag'],
  ['my/*', 'minion/web1/my/tag', 'my/tag'],
  ['*', 'minion/web1/my/tag', 'my/tag'],
  ['minion/*/my/tag', 'minion/web1/my/tag', 'minion/web1/my/tag'],
  ['minion/web2/*', 'minion/web1/my/tag', undefined],
  ['salt/beacon/*/load/*', 'salt/beacon/web1/load/', 'salt/beacon/web1/load/'],
  // What a minion tells never passes for the master's.
  ['salt/minion/*/start', 'minion/web1/salt/minion/web2/start', undefined],
  ['*/start', 'minion/web1/salt/minion/web2/start', undefined],
  ['*', 'minion/web1/salt/minion/web2/start', undefined],
  ['minion_start', 'minion/web1/minion_start', 'minion_start'],
  ['minion/web2/*', 'minion/web1/minion/web2/x', undefined],
  // The reactor's own events.
  ['*', 'salt/reactor/error', undefined],
  ['salt/*', 'salt/reactor/error', undefined],
  ['salt/reactor/error', 'salt/reactor/error', 'salt/reactor/error'],
])('%s on %s', (glob, tag, seen) => {
  expect(matcherOf({ glob, from: 'anyone' })(tag)).toBe(seen)
})

test.each<['master' | 'minions', string, boolean]>([
  ['master', 'deploy/now', true],
  ['master', 'minion/web1/deploy/now', false],
  ['minions', 'minion/web1/deploy/now', true],
  ['minions', 'deploy/now', false],
  ['minions', 'salt/beacon/web1/load/', true],
  ['master', 'salt/beacon/web1/load/', false],
])('from %s: %s is %s', (from, tag, meant) => {
  expect(matcherOf({ glob: '*', from })(tag) !== undefined).toBe(meant)
})

test('whatever a minion says, no glob that begins with salt/ is for it', () => {
  const piece = fc.constantFrom('salt/', 'minion/', 'web1', 'start', '/', '*', 'job', '\n', 'x', '?')
  const text = fc.array(piece, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(text, text, (rest, told) => {
      expect(matcherOf({ glob: `salt/${rest}`, from: 'anyone' })(`minion/web1/${told}`)).toBeUndefined()
      const seen = matcherOf({ glob: rest, from: 'anyone' })(`minion/web1/${told}`)
      expect(seen === undefined || !seen.startsWith('salt/')).toBe(true)
    }),
    { numRuns: 2_000 },
  )
})

describe('data as templates see it', () => {
  const seen = (tag: string, data: Plain) =>
    toPlain(dataOf({ tag, at: 0, data: toPlain(toValue(data)) as never }))
  const _stamp = '1970-01-01T00:00:00.000000'

  it('wraps what a minion sent as Salt does', () => {
    expect(seen('minion/web1/my/tag', { id: 'web2', n: 1 })).toEqual({
      id: 'web1',
      cmd: '_minion_event',
      pretag: null,
      tag: 'my/tag',
      data: { id: 'web2', n: 1 },
      _stamp,
    })
  })

  it("has a beacon's data in both of the forms that reactors are written for", () => {
    expect(seen('salt/beacon/web1/load/', { id: 'web1', '1m': 3 })).toEqual({
      id: 'web1',
      '1m': 3,
      data: { id: 'web1', '1m': 3 },
      tag: 'salt/beacon/web1/load/',
      _stamp,
    })
  })

  it("leaves the master's flat", () => {
    expect(seen('salt/minion/web1/start', { id: 'web1' })).toEqual({
      id: 'web1',
      tag: 'salt/minion/web1/start',
      _stamp,
    })
  })
})

describe('the option', () => {
  const read = (option: Plain[]) => readEntries(toValue(option) as Value[])

  it('takes a file, a list of them, and what belongs to an entry', () => {
    expect(
      read([
        { 'a/*': '/srv/a.sls' },
        { b: ['/srv/b.sls', 'salt://b.sls', '/srv/b.sls'] },
        { c: { sls: ['/srv/c.sls'], as: 'alice', from: 'minions', trust_data: true } },
      ]),
    ).toEqual([
      { glob: 'a/*', files: ['/srv/a.sls'], as: undefined, from: 'anyone', trustData: false, added: false },
      {
        glob: 'b',
        files: ['/srv/b.sls', 'salt://b.sls'],
        as: undefined,
        from: 'anyone',
        trustData: false,
        added: false,
      },
      { glob: 'c', files: ['/srv/c.sls'], as: 'alice', from: 'minions', trustData: true, added: false },
    ])
  })

  test.each<[Plain, string]>([
    ['salt/job/*', 'Entry 1 of "reactor" is wrong: it is no glob with files.'],
    [{ a: 'b.sls' }, 'a file of "a" is a whole path or salt://…, not "b.sls"'],
    [{ a: [] }, '"a" has no files'],
    [{ a: { sls: '/a.sls', ass: 'x' } }, 'it has no "ass" (did you mean "as"?).'],
    [{ a: { sls: '/a.sls', from: 'x' } }, '"from" is one of anyone, master, minions'],
    [{ a: { sls: '/a.sls', trust_data: 'maybe' } }, '"trust_data" has to be True or False'],
    [{ '': '/a.sls' }, 'the tag is empty'],
  ])('%j: %s', (entry, message) => {
    expect(() => read([entry])).toThrow(message)
  })
})
