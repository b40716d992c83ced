/** Refusals tell who may not see the minions neither how many a target means, nor which. */
import { expect, it } from 'vitest'
import { meantFor } from '../../../../master/auth/meant-for.ts'
import { makeResolveTarget } from '../../../../master/targeting/resolve.ts'
import { describeError, isTsaltError } from '../../../../shared/errors/error.ts'
import { parseMinionId } from '../../../../shared/ids.ts'
import { actOf, openDesk } from './desk.ts'

const rules = `access:
  - {who: alice, target: 'web*', functions: test.ping}
  - {who: bob, target: '*', functions: test.ping, args: [none]}
  - {who: bob, target: 'web*', functions: test.echo}
  - {who: carol, target: 'db1', functions: test.ping}
  - {who: carol, see: minions}
`
const desk = openDesk(rules)
const known = ['web1', 'web2', 'db1', 'db2'].map((id) => ({ id: parseMinionId(id), generation: 1 }))
const resolveTarget = makeResolveTarget({
  accepted: () => known,
  minions: { grainsSince: async () => [] },
  pillarOf: async () => new Map(),
  nodegroups: undefined,
})

async function said(name: string, fun: string, minions: readonly string[]): Promise<string> {
  const refused = desk.access.require(desk.access.actor(name), actOf({ fun, minions }))
  return describeError(await refused.catch((error: unknown) => error))
}

it('say the same of one minion and of many, whether a rule covers some of them or none', async () => {
  const texts = await Promise.all(
    [['db1'], ['web1', 'db1'], ['web1', 'web2', 'db1', 'db2'], ['db1', 'db2']].map((minions) =>
      said('alice', 'test.ping', minions),
    ),
  )
  expect(new Set(texts).size).toBe(1)
  expect(texts[0]).toMatch(/alice may not run test\.ping on every minion that is meant/)
  expect(texts[0]).toMatch(/does not cover all of them: its target is web\*/)
  expect(texts[0]).not.toMatch(/\b(?:[1-4] (?:of|minions)|db)/)
})

it.each([
  ['bob', 'test.echo', 'by a rule about all of them'],
  ['carol', 'test.ping', 'by a rule to see them'],
])('count for %s, who may see every minion', async (name, fun) => {
  const text = await said(name, fun, ['web1', 'db1', 'db2'])
  expect(text).toMatch(/on 3 minions/)
  expect(text).toMatch(/covers 1 of 3 minions/)
})

it('count in the audit log, and for the master itself', async () => {
  await said('alice', 'test.ping', ['web1', 'db1'])
  expect(desk.refusals.at(-1)).toMatch(/on 2 minions: .* covers 1 of 2 minions/)
  const act = actOf({ fun: 'test.ping', minions: ['web1', 'db1'] })
  const alice = desk.access.actor('alice')
  expect((await desk.access.explain(alice, act)).reasons[0]).toMatch(/covers 1 of 2 minions/)
  expect((await desk.access.explain(alice, act, alice)).reasons[0]).not.toMatch(/\d minions/)
})

it('are the same for a name that is taken and for one that is free', async () => {
  const alice = desk.access.actor('alice')
  const ask = async (kind: 'glob' | 'list' | 'compound', expression: string): Promise<string> => {
    const require = (minions: readonly string[]) =>
      desk.access.require(alice, actOf({ fun: 'test.ping', minions }))
    try {
      const minions = await meantFor({ access: desk.access, resolveTarget, require }, alice, {
        kind,
        expression,
      })
      await require(minions.map(({ id }) => id))
      return 'allowed'
    } catch (error) {
      return isTsaltError(error) ? `${error.code} ${error.message} ${error.hint ?? ''}` : String(error)
    }
  }
  expect(await ask('glob', 'db1')).toMatch(/^access-denied/)
  expect(await ask('glob', 'db9')).toBe(await ask('glob', 'db1'))
  expect(await ask('list', 'web1,db9')).toBe(await ask('list', 'web1,db1'))
  expect(await ask('compound', 'db9')).toBe(await ask('compound', 'db1'))
  expect(await ask('compound', '( db9 or db8 )')).toBe(await ask('compound', '( db1 or db2 )'))
  // Of what a rule is about, by its name, there is nothing to hide; but what it is called else is not suggested.
  expect(await ask('glob', 'web1')).toBe('allowed')
  expect(await ask('glob', 'web9')).toMatch(/^target-empty/)
  expect(await ask('glob', 'web9')).not.toContain('web1')
})

it('is seen all at once what would be seen one by one', async () => {
  const { access } = openDesk(`access:
  - {who: alice, target: 'G@os:Debian', functions: test.ping}
  - {who: alice, target: 'db*', see: [jobs, keys]}
  - {who: bob, target: 'I@level:gold', functions: test.ping, see: events}
  - {who: bob, target: 'web2', see: events}
  - {who: carol, see: [jobs, minions]}
  - {who: carol, target: '*', functions: test.ping, see: events}
`)
  const ids = [...known.map(({ id }) => id), parseMinionId('db9')]
  for (const name of ['alice', 'bob', 'carol', 'dora', 'root', 'stranger'])
    for (const what of ['minions', 'jobs', 'events', 'keys'] as const) {
      const actor = access.actor(name)
      const one = await Promise.all(
        ids.map((id) => access.allows(actor, { kind: 'see', what, minions: [id] })),
      )
      const all = await access.sees(actor, what, ids)
      expect([name, what, ids.map((id) => all === 'all' || all.has(id))]).toEqual([name, what, one])
      expect([name, what, all === 'all']).toEqual([
        name,
        what,
        await access.allows(actor, { kind: 'see', what }),
      ])
    }
})
