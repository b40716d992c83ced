import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { isFor } from '../../../../master/auth/rule.ts'
import { toPlain } from '../../../../shared/data/value.ts'
import { isTsaltError } from '../../../../shared/errors/error.ts'
import { loadYaml } from '../../../../shared/render/yaml.ts'
import { actOf, openDesk, type WrittenAct } from './desk.ts'

const read = (name: string): unknown => {
  const file = new URL(`../../../cases/auth/${name}`, import.meta.url).pathname
  return toPlain(loadYaml(readFileSync(file, 'utf8'), file))
}

interface Decisions {
  readonly rules: string
  readonly asks: [who: string, verdict: '+' | '-', act: WrittenAct, reason?: string][]
}

describe.each(read('decisions.yaml') as Decisions[])('rules %#', ({ rules, asks }) => {
  const { access, refusals } = openDesk(rules)

  it.each(asks)('%s %s %j', async (who, verdict, act, reason = '') => {
    const actor = access.actor(who)
    const asked = actOf(act)
    const before = refusals.length
    const said = await access.require(actor, asked).then(
      () => '',
      (error: unknown) => {
        if (!isTsaltError(error) || error.code !== 'access-denied') throw error
        return error.hint ?? error.message
      },
    )
    expect(said === '' ? '+' : '-').toBe(verdict)
    expect(await access.allows(actor, asked)).toBe(verdict === '+')
    const explained = await access.explain(actor, asked)
    expect(explained.allowed).toBe(verdict === '+')
    expect(explained.reasons.length).toBeGreaterThan(0)
    expect(explained.reasons.join('\n')).toContain(reason)
    // Each refusal is told to the audit log, once, and nothing else is.
    expect(refusals.length - before).toBe(verdict === '+' ? 0 : 1)
  })
})

interface Mistake {
  readonly line: number
  readonly says: string
  readonly rules: string
}

it.each(read('mistakes.yaml') as Mistake[])('refuses line $line: $says', ({ line, says, rules }) => {
  try {
    openDesk(rules)
  } catch (error) {
    if (!isTsaltError(error)) throw error
    expect(['access-rule-invalid', 'config-option-invalid']).toContain(error.code)
    expect(`${error.message} ${error.hint ?? ''}`).toContain(says)
    expect(error.place?.line).toBe(line)
    return
  }
  throw new Error('it was taken')
})

it('denies everything where no rules are written, and lets those of this machine do all', async () => {
  const { access } = openDesk('')
  const act = actOf({ fun: 'test.ping' })
  expect(await access.allows(access.actor('alice'), act)).toBe(false)
  expect(await access.allows(access.actor('root'), act)).toBe(true)
  expect(await access.allows(access.actor('reactor'), act)).toBe(true)
})

it('acts by the rights of the moment, also for whom was let in before', async () => {
  const { access, leave } = openDesk('access: [{who: bob, target: "*", functions: test.ping}]')
  const bob = access.actor('bob')
  await access.require(bob, actOf({ fun: 'test.ping' }))
  leave('bob')
  await expect(access.require(bob, actOf({ fun: 'test.ping' }))).rejects.toMatchObject({
    code: 'access-denied',
  })
})

it('lets nobody ask for targets on pillars who may not see pillars', () => {
  const { access, refusals } = openDesk(`
nodegroups: {gold: 'I@level:gold'}
access:
  - {who: alice, target: '*', functions: '*'}
  - {who: bob, target: '*', functions: '*', see: pillar}
  - {who: dora, see: pillar}
`)
  const targets = [
    ['pillar', 'level:gold'],
    ['compound', 'web* and I@level:g*'],
    ['nodegroup', 'gold'],
    ['compound', 'not N@gold'],
  ] as const
  for (const [kind, expression] of targets) {
    expect(() => access.requireTarget(access.actor('alice'), { kind, expression })).toThrow(
      'by their pillars',
    )
    expect(() => access.requireTarget(access.actor('dora'), { kind, expression })).not.toThrow()
  }
  expect(refusals).toHaveLength(targets.length)
  expect(() => access.requireTarget(access.actor('alice'), { kind: 'glob', expression: '*' })).not.toThrow()
})

it('tells Salt-minded clients of rights in the words that they know', () => {
  const { access } = openDesk(`
external_auth:
  local:
    alice: ['web*': [test.ping, 'state.*'], '@runner', '@wheel': ['key.*']]
`)
  expect(access.perms(access.actor('alice'))).toEqual([
    { 'web*': ['test.ping'] },
    { 'web*': ['state.*'] },
    '@runner',
    { '@wheel': ['key.*'] },
  ])
})

it('for a group are not for a user who is called so with its sign', () => {
  const rule = { who: ['pam:%wheel', '%ops'], grants: [], place: undefined }
  expect(isFor(rule, 'pam:bob', ['wheel'])).toBe(true)
  expect(isFor(rule, 'pam:%wheel', ['users'])).toBe(false)
  expect(isFor(rule, '%ops', [])).toBe(false)
})
