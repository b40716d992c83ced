/** Wheel functions: Salt's names and shapes, what is refused, and the door that each passes. */
import { expect, it, test } from 'vitest'
import { closedAccess } from '../../../../master/auth/access.ts'
import { trusted } from '../../../../master/auth/actor.ts'
import type { KeyAction, KeyRow, KeyService, KeyState } from '../../../../master/pki/key-service.ts'
import { makeCallWheel } from '../../../../master/wheel/call-wheel.ts'
import type { Json } from '../../../../shared/data/codec.ts'
import { type Fingerprint, parseMinionId } from '../../../../shared/ids.ts'

const finger = 'ab'.repeat(32) as Fingerprint
const row = (name: string, state: KeyState): KeyRow => ({
  id: parseMinionId(name),
  state,
  fingerprint: finger,
  generation: 0,
  since: 0,
})

function open() {
  const acts: KeyAction[] = []
  const fired: string[] = []
  const rows = [row('db1', 'accepted'), row('web2', 'pending'), row('web1', 'pending'), row('old', 'revoked')]
  const keys: KeyService = {
    list: () => rows,
    publicKeys: (match) =>
      rows.filter(({ id }) => match === id).map((each) => ({ ...each, publicKey: `PEM of ${each.id}\n` })),
    masterFingerprint: () => finger,
    preview: () => [],
    act(action) {
      acts.push(action)
      return rows
        .filter(({ state }) => state === 'pending')
        .map((each) => ({ ...each, state: 'accepted' as const }))
    },
    makeToken: () => ({ token: '', expires: 0 }),
  }
  const call = makeCallWheel({ keys, access: closedAccess, events: { fire: (tag) => fired.push(tag) } })
  return {
    acts,
    fired,
    call: (fun: string, kwargs: Record<string, Json> = {}, args: Json[] = [], actor = trusted('root')) =>
      call({ fun, args, kwargs }, actor),
  }
}

it('lists keys under the names of Salt', async () => {
  const { call } = open()
  expect(await call('key.list_all')).toEqual({
    local: ['master.pem', 'master.pub'],
    minions: ['db1'],
    minions_pre: ['web1', 'web2'],
    minions_denied: [],
    minions_rejected: ['old'],
  })
  expect(await call('key.list', { match: 'un' })).toEqual({ minions_pre: ['web1', 'web2'] })
  expect(await call('key.name_match', {}, ['web*'])).toEqual({ minions_pre: ['web1', 'web2'] })
  expect(await call('key.finger', { match: 'db*' })).toEqual({
    minions: { db1: finger.replace(/(.{4})(?!$)/g, '$1:') },
  })
})

it('shows public keys by list', async () => {
  expect(await open().call('key.key_str', { match: 'db1' })).toEqual({ minions: { db1: 'PEM of db1\n' } })
  expect(await open().call('key.key_str', { match: 'none' })).toEqual({})
})

it('acts on keys, tells of it, and answers with what they are now', async () => {
  const { call, acts, fired } = open()
  expect(await call('key.accept', { match: 'web*' })).toEqual({ minions: ['web1', 'web2'] })
  expect(acts).toMatchObject([{ action: 'accept', match: 'web*', includeDenied: false }])
  expect(fired).toEqual(['salt/key', 'salt/key'])
  expect(await call('key.delete', { match: 'web*' })).toEqual({})
  await call('key.accept_dict', { match: { minions_pre: ['web1', 'web2'] } })
  expect(acts.slice(2).map(({ match }) => match)).toEqual(['web1', 'web2'])
})

test.each<[string, Record<string, Json>, string]>([
  ['key.acept', { match: 'x' }, 'Wheel function "key.acept" does not exist.'],
  ['key.accept', {}, 'the argument match is missing'],
  ['key.accept', { match: 'x', force: true }, 'there is no argument "force"'],
  ['key.list', { match: 'some' }, 'match is one of all'],
  ['key.accept_dict', { match: 'web1' }, 'has to be lists of ids'],
])('%s %j: %s', async (fun, kwargs, words) => {
  const { call, acts } = open()
  await expect(call(fun, kwargs)).rejects.toThrow(words)
  expect(acts).toEqual([])
})

it('is refused to whom it is not given', async () => {
  const { call, acts } = open()
  const alice = { name: 'alice', grants: [] }
  await expect(call('key.accept', { match: '*' }, [], alice)).rejects.toMatchObject({ code: 'access-denied' })
  await expect(call('key.list_all', {}, [], alice)).rejects.toMatchObject({ code: 'access-denied' })
  expect(acts).toEqual([])
})
