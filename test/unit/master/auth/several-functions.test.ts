/** Several functions in one job, asked of the rules: each by itself, and the fleet once for all of them. */
import { expect, it } from 'vitest'
import type { Json } from '../../../../shared/data/codec.ts'
import { actOf, openDesk } from './desk.ts'

const desk = openDesk(`access:
  - {who: alice, target: 'web*', functions: 'test.*'}
  - {who: alice, target: 'web1', functions: cmd.run, args: ['uptime'], root_equivalent: true}
  - {who: alice, target: 'web*', functions: 'state.*', test_only: true}
  - {who: bob, target: 'I@level:gold', functions: test.ping}
`)
const alice = desk.access.actor('alice')
const may = (fun: string, args: readonly Json[], minions = ['web1']): Promise<boolean> =>
  desk.access.allows(alice, actOf({ fun, args, minions }))
const dry = { __kwarg__: true, test: true }

it.each<[string, Json[], boolean]>([
  ['test.ping,test.version', [], true],
  ['test.ping,cmd.run', [[], ['uptime']], true],
  ['test.ping,cmd.run', [[], ['id']], false],
  ['test.ping,cmd.run', [], false],
  ['test.ping,cmd.run', [[], ['uptime', { __kwarg__: true, runas: 'root' }]], false],
  [
    'test.ping,cmd.run',
    [
      [],
      [
        'uptime',
        {
          $map: [
            ['__kwarg__', true],
            ['shell', '/x'],
          ],
        },
      ],
    ],
    false,
  ],
  ['test.ping,cmd.run', [[], ['uptime', { __kwarg__: 1 }]], false],
  ['cmd.run,test.ping', [['uptime'], ['uptime']], false],
  [
    'state.apply,state.apply',
    [
      ['web', dry],
      ['web', dry],
    ],
    true,
  ],
  ['state.apply,state.apply', [['web', dry], ['web']], false],
  ['state.apply,test.ping', [['web', dry, { __kwarg__: true, test: false }], []], false],
  ['test.ping,', [], false],
  ['test.ping\n,cmd.run', [[], ['uptime']], false],
])('%s with %j: %s', async (fun, args, allowed) => {
  expect(await may(fun, args)).toBe(allowed)
})

it('each needs all minions', async () => {
  expect(await may('test.ping,cmd.run', [[], ['uptime']], ['web1', 'web2'])).toBe(false)
  expect(await may('test.ping,test.version', [], ['web1', 'web2'])).toBe(true)
})

it('asks the minions of a rule once, however many functions there are', async () => {
  const before = desk.pillars.length
  const act = actOf({ fun: Array(64).fill('test.ping').join(','), minions: ['web1'] })
  expect(await desk.access.allows(desk.access.actor('bob'), act)).toBe(true)
  expect(desk.pillars.length - before).toBe(1)
})
