import { expect, it } from 'vitest'
import { makeResolveTarget, type TargetText } from '../../../../master/targeting/resolve.ts'
import type { Dict } from '../../../../shared/data/value.ts'
import { type Plain, toValue } from '../../../../shared/data/value.ts'
import { describeError } from '../../../../shared/errors/error.ts'
import { type MinionId, parseMinionId } from '../../../../shared/ids.ts'

const grains: Record<string, { [key: string]: string | string[] | { [key: string]: string } }> = {
  web1: { os: 'Debian', ipv4: ['10.1.0.1', '127.0.0.1'], roles: ['web', 'front'], net: { zone: 'a' } },
  web2: { os: 'Debian', ipv4: ['10.2.0.2'], roles: ['web'] },
  db1: { os: 'Arch', ipv4: ['10.1.0.9'] },
}
const pillars: Record<string, Plain> = {
  web1: { level: 'production', team: { name: 'blue' } },
  web2: { level: 'staging' },
  db1: { level: 'production' },
}
const asked: MinionId[] = []
const accepted = ['web2', 'web1', 'db1', 'new1'].map((id) => ({ id: parseMinionId(id), generation: 3 }))
const resolve = makeResolveTarget({
  accepted: () => accepted,
  minions: {
    grainsSince: async (revision) =>
      revision > 0
        ? []
        : Object.entries(grains).map(([id, own], index) => ({
            id: parseMinionId(id),
            generation: 3,
            revision: index + 1,
            grains: own,
          })),
  },
  async pillarOf({ id }) {
    asked.push(id)
    if (pillars[id] === undefined) throw new Error('it is broken')
    return toValue(pillars[id]) as Dict
  },
  nodegroups: toValue({
    front: 'web* and not N@back',
    back: ['web2', 'db1'],
    blue: 'I@team:name:blue',
    ring: 'N@around',
    around: 'N@ring or web1',
    broken: 'web1 web2',
  }) as Dict,
})
const ids = async (kind: TargetText['kind'], expression: string, delimiter?: string) =>
  (await resolve({ kind, expression, delimiter })).map(({ id }) => id)

it.each([
  ['glob', '*', ['db1', 'new1', 'web1', 'web2']],
  ['glob', 'web?', ['web1', 'web2']],
  ['pcre', 'web[12]|new', ['new1', 'web1', 'web2']],
  ['grain', 'os:deb*', ['web1', 'web2']],
  ['grain', 'roles:front', ['web1']],
  ['grain', 'net:zone:a', ['web1']],
  ['grain', '*:zone:a', ['web1']],
  ['grain_pcre', 'os:^(arch|debian)$', ['db1', 'web1', 'web2']],
  ['pillar', 'level:prod*', ['db1', 'web1']],
  ['pillar_exact', 'level:staging', ['web2']],
  ['pillar_pcre', 'level:^(staging|none)', ['web2']],
  ['ipcidr', '10.1.0.0/16', ['db1', 'web1']],
  ['ipcidr', '10.2.0.2', ['web2']],
  ['nodegroup', 'front', ['web1']],
  ['nodegroup', 'blue', ['web1']],
  ['compound', 'G@os:Debian and not L@web1,db1', ['web2']],
  ['compound', '( web1 or E@d. ) and I@level:production', ['db1', 'web1']],
  ['compound', 'N@back or new*', ['db1', 'new1', 'web2']],
  ['compound', 'not N@front', ['db1', 'new1', 'web2']],
  ['compound', 'G|@net|zone|a', ['web1']],
  ['compound', 'S@10.2.0.0/16 or P@os:^arch', ['db1', 'web2']],
] as const)('%s %s', async (kind, expression, expected) => {
  expect(await ids(kind, expression)).toEqual(expected)
})

it('keeps the order of a list, counts repetitions once, and takes another delimiter', async () => {
  expect(await ids('list', 'web2,db1, WEB2,')).toEqual(['web2', 'db1'])
  expect(await ids('grain', 'net|zone|a', '|')).toEqual(['web1'])
})

it('means a minion of unknown grains by its name only', async () => {
  expect(await ids('compound', 'not G@os:Plan9')).toEqual(['db1', 'web1', 'web2'])
  expect(await ids('compound', 'G@os:Arch or new1')).toEqual(['db1', 'new1'])
})

it('compiles pillars only where the rest leaves the question open', async () => {
  asked.splice(0)
  expect(await ids('compound', 'I@level:production and web* and G@roles:front')).toEqual(['web1'])
  expect(asked).toEqual(['web1'])
})

it('refuses where a pillar that counts cannot be compiled', async () => {
  pillars['db1'] = undefined as never
  await expect(ids('pillar', 'level:staging')).rejects.toMatchObject({ code: 'target-pillar' })
  expect(await ids('compound', 'I@level:staging and not L@db1')).toEqual(['web2'])
  pillars['db1'] = { level: 'production' }
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

it.each([
  ['glob', '', 'it is empty', undefined],
  ['glob', '  ', 'it is empty', undefined],
  ['list', ',,', 'it names no minion', undefined],
  ['list', 'web1, ../etc', '"../etc" is not a minion id', 7],
  ['list', 'web*', '"web*" is not a minion id', 1],
  ['grain', 'os', '"os" has no ":" between a name and its value', undefined],
  ['pcre', 'web(', 'cannot be read', undefined],
  ['ipcidr', '10.1.0.1/16', 'neither an address nor a network', undefined],
  ['nodegroup', 'frnt', 'there is no nodegroup "frnt"', undefined],
  ['nodegroup', 'ring', 'in a circle: ring → around → ring', undefined],
  ['nodegroup', 'broken', 'in the nodegroup "broken", between "web1" and "web2"', undefined],
  ['compound', 'web1 or G@os and db1', '"os" has no ":"', 11],
  ['compound', 'web1 web2', 'an "and" or "or" is missing', 6],
  ['compound', 'web1 and', 'after "and" an operand is missing', 9],
  ['compound', '( web1 or web2', 'a ")" is missing', 15],
  ['compound', 'X@web1', 'there is no match type "X@"', 1],
  ['compound', 'web1 or R@%range', 'there is no match type "R@"', 11],
  ['compound', 'web1 and N@nope', 'there is no nodegroup "nope"', 12],
] as const)('refuses %s %j', async (kind, expression, reason, column) => {
  const error = await ids(kind, expression).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'target-invalid', exitCode: 64 })
  expect(describeError(error)).toContain(reason)
  expect((error as { place?: { column: number } }).place?.column).toBe(column)
})
