/** Whatever is asked for, by whatever glob: what is root is never covered without its word, and nobody else's minions are. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { natureOf } from '../../../../master/auth/nature/nature.ts'
import { changingFunctions, lookFunctions } from '../../../../master/auth/nature/plain-functions.ts'
import { rootFunctions } from '../../../../master/auth/nature/root-functions.ts'
import type { Json } from '../../../../shared/data/codec.ts'
import { parseMinionId } from '../../../../shared/ids.ts'
import { openDesk } from './desk.ts'

const named = (table: Readonly<Record<string, string>>): string[] =>
  Object.entries(table).flatMap(([module, text]) =>
    [...text.matchAll(/(\w+)(?:\([^()]*\))?(?:\s|$)/g)].map(([, name]) => `${module}.${name}`),
  )
const plain = [...named(lookFunctions), ...named(changingFunctions)]

const fun = fc.oneof(
  fc.constantFrom(...plain),
  fc.constantFrom(...named(rootFunctions)),
  fc.string(),
  fc
    .array(fc.constantFrom(...plain, 'cmd.run'), { minLength: 2, maxLength: 3 })
    .map((names) => names.join(',')),
)
const value = fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>
const words = fc.constantFrom(
  'mods',
  'name',
  'pkgs',
  'test',
  'pillar',
  'saltenv',
  'localconfig',
  'queue',
  'tgt',
)
const call = fc.record({
  fun,
  args: fc.array(value, { maxLength: 4 }),
  kwargs: fc.dictionary(fc.oneof(words, fc.string()), value, { maxKeys: 3 }),
})
const minions = fc.subarray(['web1', 'web2', 'db1', 'db2'], { minLength: 1 })

it('holds for any call', async () => {
  const { access } = openDesk(`
access:
  - {who: alice, target: 'web*', functions: ['*', '*.*', 'state.*', '[a-z]*.*']}
external_auth:
  local:
    alice: [{'web*': ['.*', '.+', '[^x]*']}]
`)
  const alice = access.actor('alice')
  await fc.assert(
    fc.asyncProperty(call, minions, async (asked, ids) => {
      const act = { kind: 'job', ...asked, minions: ids.map(parseMinionId) } as const
      if (!(await access.allows(alice, act))) return
      expect(ids.every((id) => id.startsWith('web'))).toBe(true)
      for (const [index, one] of asked.fun.split(',').entries()) {
        const parted = asked.fun.includes(',')
        const args = parted ? ((asked.args[index] ?? []) as Json[]) : asked.args
        expect(natureOf('job', { fun: one, args, kwargs: asked.kwargs })).toMatchObject({
          kind: expect.stringMatching(/^(?:look|change)$/),
          guarded: [],
        })
        expect(plain).toContain(one)
      }
      if (asked.fun.startsWith('state.')) expect(asked.kwargs).not.toHaveProperty('pillar')
    }),
    { numRuns: 3_000 },
  )
})

it('is refused as a whole where a part of it is', async () => {
  const { access } = openDesk("access: [{who: alice, target: '*', functions: [test.ping, test.echo]}]")
  const alice = access.actor('alice')
  const names = fc.array(fc.constantFrom('test.ping', 'test.echo', 'test.arg', 'cmd.run'), {
    minLength: 1,
    maxLength: 4,
  })
  await fc.assert(
    fc.asyncProperty(names, async (list) => {
      const args = list.length === 1 ? [] : list.map(() => [])
      const act = {
        kind: 'job',
        fun: list.join(','),
        args,
        kwargs: {},
        minions: [parseMinionId('db1')],
      } as const
      const allowed = list.every((name) => name === 'test.ping' || name === 'test.echo')
      expect(await access.allows(alice, act)).toBe(allowed)
    }),
  )
})
