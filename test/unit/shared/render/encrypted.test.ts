import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isMarkedSecret, placeOfValue } from '../../../../shared/data/provenance.ts'
import { type Dict, toPlain } from '../../../../shared/data/value.ts'
import { isTsaltError, type TsaltError } from '../../../../shared/errors/error.ts'
import { secretPaths } from '../../../../shared/pillar/secrets.ts'
import { makeCiphers } from '../../../../shared/pillar-machine/ciphers.ts'
import { renderData } from '../../../../shared/render/pipeline.ts'
import { ageEncrypt, hasAge, hasGpg, indented, Keyring, makeAgeIdentity } from '../pillar-machine/keyring.ts'

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(toPlain(value as Dict)))

describe.skipIf(!hasGpg)('gpg (skipped without the program)', () => {
  const keys = new Keyring()
  const others = new Keyring()
  const ciphers = makeCiphers({ gpgFolder: keys.folder, ageIdentities: '/nonexistent' })
  const render = async (text: string) =>
    (await renderData({
      text,
      file: 'a.sls',
      renderer: 'jinja|yaml',
      variables: { who: 'web' },
      ciphers,
    })) as Dict
  let message = ''
  beforeAll(() => {
    keys.makeKey('master')
    message = keys.encrypt('geheim\n', 'master')
  })
  afterAll(() => {
    keys.close()
    others.close()
  })

  it('opens values, within texts too, and marks them as secret where they are written', async () => {
    const text = `#!jinja|yaml|gpg
who: {{ who }}
db:
  word: |
${indented(message, 4)}
  url: "pre ${message.trim().replaceAll('\n', '\\n')} post"
  list:
    - plain
    - |
${indented(message, 6)}
`
    const pillar = await render(text)
    expect(plain(pillar)).toEqual({
      who: 'web',
      db: { word: 'geheim', url: 'pre geheim\n post', list: ['plain', 'geheim'] },
    })
    expect(secretPaths(pillar)).toEqual(['db:word', 'db:url', 'db:list:1'])
    expect(placeOfValue(pillar.get('db'), 'word')).toMatchObject({ file: 'a.sls', line: 5, column: 1 })
  })

  it('opens a single block as a value, an anchor once, and leaves keys and other files alone', async () => {
    const quoted = `"${message.trim().replaceAll('\n', '\\\\n')}"`
    const pillar = await render(`#!yaml|gpg\na: &a {x: ${quoted}}\nb: *a\n`)
    expect(plain(pillar)).toEqual({ a: { x: 'geheim' }, b: { x: 'geheim' } })
    expect(plain(await render(`#!yaml\na: ${quoted}\n`))).toEqual({
      a: message.trim().replaceAll('\n', '\\n'),
    })
  })

  it('opens a whole file before it is read, and knows which of its values were in the open', async () => {
    const whole = keys.encrypt('a: {{ who }}\nb: [1, {c: deep}]\n', 'master')
    const pillar = await render(`#!gpg|jinja|yaml\nopen: yes\n${whole}last: {{ who }}\n`)
    expect(plain(pillar)).toEqual({ open: true, a: 'web', b: [1, { c: 'deep' }], last: 'web' })
    expect(secretPaths(pillar)).toEqual(['a', 'b:0', 'b:1:c'])
    expect(placeOfValue(pillar, 'a')).toEqual({ file: 'a.sls', line: 3, column: 1 })
    expect(placeOfValue(pillar, 'last')?.line).toBe(3 + whole.trimEnd().split('\n').length)
    expect(isMarkedSecret(pillar, 'last')).toBe(false)
  })

  const failure = async (text: string): Promise<TsaltError> => {
    const error = await render(text).catch((thrown: unknown) => thrown)
    if (!isTsaltError(error)) throw new Error(`not refused: ${String(error)}`)
    return error
  }

  it('says which key is missing, at the value, without showing a line of a secret file', async () => {
    const id = others.makeKey('other')
    const error = await failure(`#!yaml|gpg\nx: |\n${indented(others.encrypt('y', 'other'))}\n`)
    expect([error.code, error.parameters.keys, error.place]).toEqual([
      'cipher-key-missing',
      id,
      { file: 'a.sls', line: 3, column: 1 },
    ])
    const whole = keys.encrypt('a: [geheim\n', 'master')
    const syntax = await failure(`#!gpg|yaml\n${whole}`)
    expect([syntax.code, syntax.place]).toEqual(['yaml-syntax', { file: 'a.sls', line: 2, column: 1 }])
    const undefinedName = await failure(`#!gpg|jinja|yaml\n${keys.encrypt('a: {{ geheim }}', 'master')}`)
    expect([undefinedName.code, undefinedName.place?.line]).toEqual(['jinja-undefined', 2])
  })

  it('says what else is wrong with a block', async () => {
    const cut = message.split('\n').slice(0, 4).join('\n')
    const damaged = `${cut}\n-----END PGP MESSAGE-----`
    expect((await failure(`#!yaml|gpg\nx: |\n${indented(damaged)}\n`)).code).toBe('cipher-failed')
    others.makeKey('locked', 'a passphrase')
    const locked = makeCiphers({ gpgFolder: others.folder, ageIdentities: '' })
    others.forget()
    await expect(locked.open('gpg', others.encrypt('x', 'locked'))).rejects.toMatchObject({
      message: expect.stringContaining('passphrase'),
    })
    const nowhere = makeCiphers({ gpgFolder: '/nonexistent', ageIdentities: '' })
    await expect(nowhere.open('gpg', message)).rejects.toMatchObject({ code: 'cipher-failed' })
    const error = await renderData({
      text: `#!yaml|gpg\nx: |\n${indented(message)}`,
      file: 'a.sls',
      renderer: '',
      variables: {},
    }).catch((thrown) => thrown)
    expect(error.code).toBe('cipher-not-here')
  })

  it('asks nothing of a folder of keys that others may read or change', async () => {
    for (const mode of [0o777, 0o720, 0o702]) {
      chmodSync(keys.folder, mode)
      const own = makeCiphers({ gpgFolder: keys.folder, ageIdentities: '' })
      await expect(own.open('gpg', message), mode.toString(8)).rejects.toMatchObject({
        code: 'cipher-keys-loose',
      })
    }
    chmodSync(keys.folder, 0o755)
    chmodSync(join(keys.folder, 'private-keys-v1.d'), 0o755)
    const own = makeCiphers({ gpgFolder: keys.folder, ageIdentities: '' })
    await expect(own.open('gpg', message)).rejects.toMatchObject({ code: 'cipher-keys-loose' })
    // What gpg keeps closed itself is enough.
    chmodSync(join(keys.folder, 'private-keys-v1.d'), 0o700)
    expect(await own.open('gpg', message)).toBe('geheim\n')
    chmodSync(keys.folder, 0o700)
  })

  it('asks gpg once for the same block', async () => {
    const own = makeCiphers({ gpgFolder: keys.folder, ageIdentities: '' })
    expect(own.open('gpg', message)).toBe(own.open('gpg', message))
    expect(await own.open('gpg', message)).toBe('geheim\n')
  })
})

describe.skipIf(!hasAge)('age (skipped without the program)', () => {
  const keys = new Keyring()
  const file = join(keys.folder, 'identities')
  const ciphers = makeCiphers({ gpgFolder: '', ageIdentities: file })
  let recipient = ''
  beforeAll(() => {
    recipient = makeAgeIdentity(file)
  })
  afterAll(() => keys.close())

  it('opens what the real age encrypted: armour in blocks, and base64 in one line', async () => {
    const armour = ageEncrypt('geheim ü', recipient, '-a').toString()
    const line = ageEncrypt('in one line', recipient).toString('base64')
    const text = `#!jinja|yaml|age\na: |\n${indented(armour)}\nb: ${line}\nc: plain\n`
    const pillar = (await renderData({ text, file: 'a.sls', renderer: '', variables: {}, ciphers })) as Dict
    expect(plain(pillar)).toEqual({ a: 'geheim ü', b: 'in one line', c: 'plain' })
    expect(secretPaths(pillar)).toEqual(['a', 'b'])
  })

  it('says that the key is another, or the file of keys open to others', async () => {
    const other = makeAgeIdentity(join(keys.folder, 'other'))
    const block = ageEncrypt('x', other, '-a').toString()
    await expect(ciphers.open('age', block)).rejects.toMatchObject({ code: 'cipher-key-missing' })
    const missing = makeCiphers({ gpgFolder: '', ageIdentities: join(keys.folder, 'none') })
    await expect(missing.open('age', block)).rejects.toMatchObject({ code: 'cipher-failed' })
  })
})
