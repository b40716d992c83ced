import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import type { KeyRow } from '../../../../master/pki/key-service.ts'
import { formatFingerprint, parseFingerprint, parseMinionId } from '../../../../shared/ids.ts'
import { type Ran, ran } from './recorded-console.ts'
import { type Script, type ScriptedMaster, scriptedMaster } from './scripted-master.ts'

let master: ScriptedMaster | undefined
afterEach(async () => {
  await master?.close()
  master = undefined
})

const print = parseFingerprint('0123456789abcdef'.repeat(4))
const row = (id: string, state: KeyRow['state']): KeyRow => ({
  id: parseMinionId(id),
  state,
  fingerprint: print,
  generation: 1,
  since: 0,
})
const salt = (name: string): string =>
  readFileSync(new URL(`../../../cases/output/salt/${name}`, import.meta.url), 'utf8')
    .replaceAll('\r\n', '\n')
    .replace(/^\$ .*\n|\[exit \d\]\n/gm, '')

/** Acts as the key service would on these keys. */
function keyScript(keys: readonly KeyRow[]): Script {
  return ({ method, path, body }) => {
    const asked = body as { action: string; match: string; fingerprint?: string } | undefined
    const matching = keys.filter(
      (key) =>
        asked !== undefined &&
        (asked.match === '*' || asked.match === key.id) &&
        (asked.fingerprint ?? key.fingerprint) === key.fingerprint &&
        (asked.action !== 'accept' || key.state === 'pending'),
    )
    if (path === '/keys' && method === 'GET') return { body: { keys, masterFingerprint: print } }
    if (path === '/keys/preview' || path === '/keys') return { body: matching }
    if (path.startsWith('/keys/public?match=')) {
      const match = new URLSearchParams(path.slice(path.indexOf('?'))).get('match')
      const found = keys.filter(({ id }) => match === '*' || match === id)
      return { body: found.map((each) => ({ ...each, publicKey: `-----BEGIN ${each.id}\n` })) }
    }
    if (path === '/tokens') return { body: { token: 'tsalt1:master:4510:ab:cd', expires: 60_000 } }
    return undefined
  }
}

async function key(
  keys: readonly KeyRow[],
  words: string[],
  options: Parameters<typeof ran>[2] = {},
): Promise<Ran> {
  master = await scriptedMaster(keyScript(keys))
  return ran(master.socket, ['tsalt-key', ...words], options)
}

/** What was really done, apart from looks. */
const acts = (): unknown[] =>
  (master?.asked ?? [])
    .filter(({ method, path }) => method === 'POST' && path === '/keys')
    .map(({ body }) => body)

describe('public keys', () => {
  const keys = [row('web1', 'accepted'), row('db1', 'pending')]

  it('are printed below the lists in which they are', async () => {
    const printed = 'Accepted Keys:\nweb1:\n-----BEGIN web1\nUnaccepted Keys:\ndb1:\n-----BEGIN db1\n'
    for (const flag of ['-P', '--print-all'])
      expect(await key(keys, [flag])).toEqual({ code: 0, out: printed, err: '' })
    expect((await key(keys, ['-p', 'db1'])).out).toBe('Unaccepted Keys:\ndb1:\n-----BEGIN db1\n')
    const data = JSON.parse((await key(keys, ['--print', 'web1', '--out', 'json'])).out)
    expect(data).toEqual({ minions: { web1: '-----BEGIN web1\n' } })
  })

  it('that nobody has are said to be none', async () => {
    expect(await key(keys, ['-p', 'old'])).toEqual({ code: 0, out: '', err: "No key matches 'old'.\n" })
  })
})

describe('lists', () => {
  const accepted = [row('m1', 'accepted')]

  it('are what Salt prints, in colour too', async () => {
    expect((await key(accepted, ['-L'])).out).toBe(salt('key_L.txt'))
    await master?.close()
    expect((await key(accepted, ['-L'], { terminal: true })).out).toBe(salt('key_L.ansi'))
    await master?.close()
    expect((await key(accepted, ['-L', '--out=json'])).out).toBe(salt('key_L_json.txt'))
    await master?.close()
    expect((await key(accepted, [])).out).toBe(salt('key_L.txt'))
  })

  it('are chosen with -l, and revoked keys have one of their own', async () => {
    const keys = [row('b', 'pending'), row('a', 'pending'), row('z', 'revoked')]
    expect((await key(keys, ['-l', 'un'])).out).toBe('Unaccepted Keys:\na\nb\n')
    await master?.close()
    expect((await key(keys, ['-L'])).out).toBe(
      'Accepted Keys:\nDenied Keys:\nUnaccepted Keys:\na\nb\nRejected Keys:\nRevoked Keys:\nz\n',
    )
    await master?.close()
    expect(await key(keys, ['-l', 'foo'])).toMatchObject({ code: 64 })
  })

  it('fingerprints come in groups of four', async () => {
    const keys = [row('m1', 'accepted'), row('m2', 'pending')]
    const shown = formatFingerprint(print)
    expect((await key(keys, ['-F'])).out).toBe(
      `Local Keys:\nmaster:  ${shown}\nAccepted Keys:\nm1:  ${shown}\nUnaccepted Keys:\nm2:  ${shown}\n`,
    )
    await master?.close()
    for (const words of [
      ['-F', 'master'],
      ['-f', 'master'],
    ]) {
      expect((await key(keys, words)).out).toBe(`Local Keys:\nmaster:  ${shown}\n`)
      await master?.close()
    }
    expect((await key(keys, ['-f', 'm2'])).out).toBe(`Unaccepted Keys:\nm2:  ${shown}\n`)
  })
})

describe('accepting', () => {
  const keys = [row('m2', 'pending')]

  it('asks, with the fingerprint, and then accepts exactly that key', async () => {
    const result = await key(keys, ['-a', 'm2'], { terminal: true, answers: ['y'] })
    expect(result.err).toContain(`${formatFingerprint(print)}\nProceed? [n/Y] `)
    expect(result).toMatchObject({ code: 0, out: 'Key for minion m2 accepted.\n' })
    expect(acts()).toEqual([{ action: 'accept', match: 'm2', fingerprint: print }])
  })

  it.each([[['n']], [[]]])('does nothing after the answers %j', async (answers) => {
    const result = await key(keys, ['-A'], { terminal: true, answers })
    expect(result.code).toBe(1)
    expect(acts()).toEqual([])
  })

  it.each([
    [['-a', 'm2', '-y'], true],
    [['-a', 'm2'], false],
    [['-A', '-y'], true],
  ])('%j without a person (terminal: %s) needs the fingerprint', async (words, terminal) => {
    const result = await key(keys, words, { terminal, answers: ['y'] })
    expect(result.code).toBe(64)
    expect(result.err).toContain('--fingerprint FINGERPRINT')
    expect(acts()).toEqual([])
  })

  it('by fingerprint asks nothing, and refuses another key', async () => {
    const good = await key(keys, ['-a', 'm2', '--fingerprint', formatFingerprint(print)])
    expect(good).toMatchObject({ code: 0, out: 'Key for minion m2 accepted.\n', err: '' })
    await master?.close()
    const bad = await key(keys, ['-a', 'm2', '--fingerprint', 'ff'.repeat(32)])
    expect(bad).toMatchObject({ code: 1 })
    expect(bad.out).toContain('does not match any unaccepted keys with this fingerprint')
    expect(acts()).toEqual([])
    await master?.close()
    expect(await key(keys, ['-a', 'm2', '--fingerprint', 'xyz'])).toMatchObject({ code: 64 })
  })

  it('what is not there is said as Salt says it', async () => {
    const result = await key(keys, ['-a', 'nosuch'], { terminal: true })
    expect(result.out).toBe("The key glob 'nosuch' does not match any unaccepted keys.\n")
    expect(result.code).toBe(0)
  })
})

describe('deleting, rejecting, revoking', () => {
  it.each([
    [['-d', 'm1', '-y'], 'Key for minion m1 deleted.\n', { action: 'delete', match: 'm1' }],
    [
      ['-r', 'm1', '-y', '--include-accepted'],
      'Key for minion m1 rejected.\n',
      { action: 'reject', match: 'm1', includeAccepted: true },
    ],
    [['--revoke', 'm1', '-y'], 'Key for minion m1 revoked.\n', { action: 'revoke', match: 'm1' }],
  ])('%j', async (words, out, act) => {
    expect(await key([row('m1', 'accepted')], words)).toMatchObject({ code: 0, out })
    expect(acts()).toEqual([act])
  })
})

describe('tokens', () => {
  it('stand alone on stdout, with what to do on stderr', async () => {
    const result = await key([], ['--token', '--id', 'web*', '--ttl', '10m'])
    expect(result.out).toBe('tsalt1:master:4510:ab:cd\n')
    expect(result.err).toContain('an id that matches web*')
    expect(result.err).toContain('join_token: tsalt1:master:4510:ab:cd')
    expect(master?.asked.at(-1)?.body).toEqual({ idGlob: 'web*', seconds: 600 })
  })

  it.each(['2h', '0', 'soon'])('are not good for %s', async (ttl) => {
    expect(await key([], ['--token', '--ttl', ttl])).toMatchObject({ code: 64 })
  })
})

describe('wrong usage', () => {
  it.each([
    [['-a', 'x', '-d', 'y'], /Only one thing/],
    [['m1'], /belongs to no option/],
    [['--gen-keys', 'x'], /tsalt-key --token/],
    [['-L', '--fingerprint', 'x'], /belongs to -a/],
    [['--acept', 'x'], /Did you mean --accept/],
  ])('%j', async (words, text) => {
    const result = await key([], words)
    expect(result.code).toBe(64)
    expect(result.err).toMatch(text)
  })

  it('"tsalt key" is the same program', async () => {
    master = await scriptedMaster(keyScript([row('m1', 'accepted')]))
    expect((await ran(master.socket, ['tsalt', 'key', '-L'])).out).toBe(salt('key_L.txt'))
  })
})
