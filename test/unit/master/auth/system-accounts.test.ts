/** Accounts of the system, asked of the real `id` and `getent`, and of programs that answer as others do. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSystemAccounts, type SystemAccounts } from '../../../../master/auth/system-accounts.ts'

let folder: string
let ahead = 0
const clock = { now: () => Date.parse('2026-11-22') + ahead, monotonic: () => ahead }
const path = process.env.PATH ?? ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsalt-accounts-'))
  ahead = 0
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Programs in front of the real ones. @param shadow lines of a shadow file that `getent` answers from */
function others(programs: Readonly<Record<string, string>>, shadow?: string): SystemAccounts {
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(folder, name), 0o755)
  }
  const file = join(folder, 'shadow')
  if (shadow !== undefined) {
    writeFileSync(file, shadow)
    writeFileSync(join(folder, 'getent'), `#!/bin/sh\ngrep "^$3:" ${file} || exit 2\n`, { mode: 0o755 })
  }
  const environment = { PATH: `${folder}:${path}`, LANG: 'C.UTF-8' }
  return openSystemAccounts(clock, { environment, shadow: file })
}

it('knows the groups of a user, and who is not there', async () => {
  const accounts = openSystemAccounts(clock)
  expect(accounts.last('root')).toBeUndefined()
  expect(await accounts.look('root')).toMatchObject({ groups: expect.arrayContaining(['root']) })
  expect(accounts.last('root')?.groups).toContain('root')
  expect(await accounts.look('no-such-user-here')).toEqual({ groups: [], ended: 'it is not there' })
})

it.each([
  ...['', '0', '+0', '-u', '--help', 'root\0', 'root\n', 'ro:ot', 'x'.repeat(300)],
  // The number of root for `id`, which passes over what stands before it.
  ...[' 0', '\t0', '\v+0', ' root', 'root '],
])('takes %j for nobody', async (name) => {
  expect(await others({ id: 'echo wheel' }).look(name)).toEqual({ groups: [], ended: 'it is not there' })
})

describe('id', () => {
  it('may have groups with spaces in their names, and such without a name', async () => {
    const accounts = others({ id: "printf 'domain users\\0ops\\0'; printf '1234\\0'; exit 1" })
    expect(await accounts.look('bob')).toEqual({ groups: ['domain users', 'ops'], ended: undefined })
  })

  it('may be that of busybox', async () => {
    const accounts = others({
      id: 'case "$1" in *z*) echo "id: unrecognized option: z" >&2; exit 1;; esac; echo ops wheel',
    })
    expect(await accounts.look('bob')).toEqual({ groups: ['ops', 'wheel'], ended: undefined })
  })

  it.each([
    ['fails', 'echo "id: cannot open the directory" >&2; exit 1', 'id: cannot open the directory'],
    ['says nothing', 'exit 3', 'id ended with 3'],
  ])('that %s ends nobody', async (_name, script, reason) => {
    await expect(others({ id: script }).look('bob')).rejects.toMatchObject({
      code: 'accounts-unanswered',
      parameters: { reason },
    })
  })

  it('is asked again after some seconds, and once for many', async () => {
    const accounts = others({ id: `echo asked >> ${folder}/asked; printf "g$(wc -l < ${folder}/asked)\\0"` })
    const first = await Promise.all(Array.from({ length: 20 }, () => accounts.look('bob')))
    expect(new Set(first.map(({ groups }) => groups.join())).size).toBe(1)
    expect((await accounts.look('bob')).groups).toEqual(['g1'])
    ahead += 6_000
    expect((await accounts.look('bob')).groups).toEqual(['g2'])
    expect((await accounts.look('bob', 0)).groups).toEqual(['g3'])
  })

  it('that fails for a moment is passed over, and not for long', async () => {
    const accounts = others({ id: `test -e ${folder}/broken && exit 3; printf "ops\\0"` })
    await accounts.look('bob')
    writeFileSync(join(folder, 'broken'), '')
    ahead += 30_000
    expect((await accounts.look('bob')).groups).toEqual(['ops'])
    ahead += 31_000
    await expect(accounts.look('bob')).rejects.toMatchObject({ code: 'accounts-unanswered' })
  })
})

it.each([
  ['a password', 'bob:$y$j9T$abc:20000:0:99999:7:::', undefined],
  ['a locked one', 'bob:!$y$j9T$abc:20000:0:99999:7:::', 'its password is locked'],
  ['none ever', 'bob:!:20000:0:99999:7:::', undefined],
  ['none ever, twice', 'bob:!!:20000:0:99999:7:::', undefined],
  ['none that can be typed', 'bob:*:20000:0:99999:7:::', undefined],
  ['an end long ago', 'bob:$y$j9T$abc:20000:0:99999:7::1:', 'it has expired'],
  ['an end to come', 'bob:$y$j9T$abc:20000:0:99999:7::99999:', undefined],
  ['a line of somebody else', 'rob:!$y$j9T$abc:20000:0:99999:7::1:', undefined],
])('the shadow file with %s', async (_name, line, ended) => {
  const accounts = others({ id: 'printf "ops\\0"' }, `${line}\n`)
  expect((await accounts.look('bob')).ended).toBe(ended)
})
