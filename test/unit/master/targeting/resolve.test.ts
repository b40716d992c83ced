import { expect, it } from 'vitest'
import { makeResolveTarget } from '../../../../master/targeting/resolve.ts'
import { parseMinionId } from '../../../../shared/ids.ts'
import type { TargetText } from '../../../../shared/targeting/expression.ts'

const os: Record<string, string> = { web1: 'Debian', web2: 'Debian', db1: 'Arch' }
const accepted = ['web2', 'web1', 'db1', 'new1'].map((id) => ({ id: parseMinionId(id), generation: 3 }))
const resolve = makeResolveTarget(() => accepted, {
  grains: async (id, generation) => (generation === 3 && os[id] ? { os: os[id] } : undefined),
})
const ids = async (kind: TargetText['kind'], expression: string) =>
  (await resolve({ kind, expression })).map(({ id }) => id)

it('finds accepted minions, sorted, or in the order of a list', async () => {
  expect(await ids('glob', '*')).toEqual(['db1', 'new1', 'web1', 'web2'])
  expect(await ids('glob', 'web?')).toEqual(['web1', 'web2'])
  expect(await ids('grain', 'os:Debian')).toEqual(['web1', 'web2'])
  expect(await ids('list', 'web2,db1')).toEqual(['web2', 'db1'])
})

it('says that nothing matched, and what was perhaps meant', async () => {
  await expect(ids('glob', 'mail*')).rejects.toMatchObject({ code: 'target-empty', exitCode: 2 })
  await expect(ids('glob', 'wbe1')).rejects.toMatchObject({
    code: 'target-empty',
    hint: 'Did you mean "web1"?',
  })
  await expect(ids('grain', 'os:Plan9')).rejects.toMatchObject({ code: 'target-empty' })
})

it('refuses a list that names an unknown minion', async () => {
  await expect(ids('list', 'web1,db2,mars')).rejects.toMatchObject({
    code: 'target-unknown',
    message: 'No accepted minion has this id: db2, mars.',
    hint: 'Did you mean "db1"?',
  })
})
