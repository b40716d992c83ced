/** What programs read from files of their own: the library of age, which the bundles leave out, is found beside them. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { armor, Encrypter, generateIdentity, identityToRecipient } from 'age-encryption'
import { afterAll, expect, test } from 'vitest'
import { programs } from '../stage/daemon.ts'

const root = mkdtempSync(join(tmpdir(), 'tsalt-age-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

async function writeSite(): Promise<void> {
  const identity = await generateIdentity()
  const encrypter = new Encrypter()
  encrypter.addRecipient(await identityToRecipient(identity))
  const block = armor.encode(await encrypter.encrypt('opened'))
  for (const folder of ['etc/tsalt', 'states', 'pillar']) mkdirSync(join(root, folder), { recursive: true })
  writeFileSync(join(root, 'identities'), `${identity}\n`, { mode: 0o600 })
  const pillar = `#!yaml|age\nsealed: |\n${block.replace(/^/gm, '  ')}\n`
  writeFileSync(join(root, 'pillar/top.sls'), "base: {'*': [data]}\n")
  writeFileSync(join(root, 'pillar/data.sls'), pillar)
  writeFileSync(join(root, 'states/twice.yaml'), '{{pillar.sealed}}:\n  test.nop: []\n')
  writeFileSync(
    join(root, 'etc/tsalt/minion'),
    `id: vm\nage_identities: ${join(root, 'identities')}
file_roots: {base: ['${join(root, 'states')}']}\npillar_roots: {base: ['${join(root, 'pillar')}']}\n`,
  )
}

const call = (...words: string[]): string => {
  const all = [join(programs, 'tsalt-call.cjs'), '--local', '--root-dir', root, '--out=json', ...words]
  const { stdout, stderr } = spawnSync(process.execPath, all, { encoding: 'utf8' })
  return stdout + stderr
}

test('tsalt-call --local opens a pillar of age, and renders Handlebars', async () => {
  await writeSite()
  expect(JSON.parse(call('pillar.get', 'sealed'))).toEqual({ local: 'opened' })
  expect(call('state.show_low_sls', 'twice')).toContain('"fun": "nop"')
})
