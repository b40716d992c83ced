/** An operator who may call `*` on web*, and any runner and wheel function, tries to be root: nothing of it is let through. */
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { actOf, openDesk, type WrittenAct } from './desk.ts'

const file = new URL('../../../cases/auth/attacks.json', import.meta.url)
const attacks = JSON.parse(readFileSync(file, 'utf8')) as { readonly why: string; readonly act: WrittenAct }[]

const desk = openDesk(`
access:
  - {who: alice, target: 'web*', functions: '*', runner: '*', wheel: '*'}
  - {who: alice, target: 'web*', functions: ['state.*', 'test.*', '*.*']}
external_auth:
  local:
    alice:
      - 'web*': ['.*', 'state.*', '(cmd|test|state|saltutil).+', '[a-z,. ]+']
      - '@runner'
      - '@wheel'
`)
const alice = desk.access.actor('alice')

it.each(attacks)('refuses $why', async ({ act }) => {
  await expect(desk.access.require(alice, actOf(act))).rejects.toMatchObject({ code: 'access-denied' })
})

it('lets the same operator do what was meant', async () => {
  const meant: readonly WrittenAct[] = [
    { fun: 'test.ping', minions: ['web1', 'web2'] },
    { fun: 'state.apply', args: ['nginx'], kwargs: { test: true } },
    { fun: 'state.highstate' },
    { fun: 'service.restart', args: ['nginx'] },
    { fun: 'pkg.install', args: ['nginx'], kwargs: { refresh: true } },
    { fun: 'pkg.install', kwargs: { pkgs: ['nginx', { redis: '7:1.2-3~bpo' }] } },
    { fun: 'grains.get', args: ['os'] },
    { ground: 'runner', fun: 'manage.up' },
    { ground: 'wheel', fun: 'key.accept', args: ['web3'] },
  ]
  for (const act of meant)
    expect(await desk.access.explain(alice, actOf(act))).toMatchObject({ allowed: true })
})

it('lets no attack through that is a glob away from a rule which says root_equivalent for one function', async () => {
  const { access } = openDesk(`
access:
  - {who: bob, target: 'web*', functions: '*'}
  - {who: bob, target: 'db1', functions: cmd.run, args: ['uptime'], root_equivalent: true}
`)
  const bob = access.actor('bob')
  for (const { why, act } of attacks) expect(await access.allows(bob, actOf(act)), why).toBe(false)
  expect(await access.allows(bob, actOf({ fun: 'cmd.run', args: ['uptime'], minions: ['db1'] }))).toBe(true)
  expect(await access.allows(bob, actOf({ fun: 'cmd.run', args: ['uptime'], minions: ['web1'] }))).toBe(false)
})
