/** Logins against a real store: passwords, tokens, certificates; what ends them; how often they may fail. */
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Audit, AuditEntry } from '../../../../master/audit/audit-log.ts'
import { trusted } from '../../../../master/auth/actor.ts'
import {
  type Authenticator,
  openAuthenticator,
  passesPerUser,
} from '../../../../master/auth/authenticator.ts'
import { type Directory, openDirectory } from '../../../../master/auth/directory.ts'
import { OperatorDesk } from '../../../../master/auth/operator-desk.ts'
import type { Rule } from '../../../../master/auth/rule.ts'
import { makeRuleAccess } from '../../../../master/auth/rule-access.ts'
import type { SystemAccount } from '../../../../master/auth/system-accounts.ts'
import { type Authority, openAuthority } from '../../../../master/pki/authority.ts'
import { openStore, type SqliteStore } from '../../../../master/store/sqlite/store.ts'
import { type Clock, systemClock } from '../../../../shared/clock.ts'
import { parseMinionId } from '../../../../shared/ids.ts'
import { makeKeyPair } from '../../../../shared/pki/key-pair.ts'

const root = trusted('root')
const password = 'correct horse battery'

let folder: string
let store: SqliteStore
let directory: Directory
/** Of the system. */
let accounts: Map<string, SystemAccount>
let authenticator: Authenticator
let desk: OperatorDesk
let authority: Authority
let ahead = 0
let socket: string
const clock: Clock = {
  ...systemClock,
  now: () => systemClock.now() + ahead,
  monotonic: () => systemClock.monotonic() + ahead,
}
const everybody = { kind: 'glob', expression: '*' } as const
const rules: readonly Rule[] = [
  {
    who: ['alice', 'pam:zoe'],
    grants: [{ on: 'job', functions: ['test.*'], target: { kind: 'glob', expression: '*' } }],
    place: undefined,
  },
  {
    who: ['pam:%ops'],
    grants: [{ on: 'job', functions: ['service.*'], target: everybody }],
    place: undefined,
  },
]
const written: AuditEntry[] = []
const audit: Audit = {
  record: (entry) => void written.push(entry),
  refusals: () => [],
  close: () => undefined,
}

beforeEach(async () => {
  ahead = 0
  written.length = 0
  folder = mkdtempSync(join(tmpdir(), 'tsalt-login-'))
  socket = join(folder, 'mux')
  store = openStore(':memory:')
  accounts = new Map([
    ['zoe', { groups: ['wheel'], ended: undefined }],
    ['alice', { groups: [], ended: undefined }],
    ['root', { groups: ['root'], ended: undefined }],
  ])
  const gone = { groups: [], ended: 'it is not there' }
  const look = (user: string): SystemAccount => accounts.get(user) ?? gone
  directory = await openDirectory(store.operators, { look: async (user) => look(user), last: look })
  authority = openAuthority(join(folder, 'pki'), clock)
  const access = makeRuleAccess({
    rules: () => rules,
    directory,
    targeting: {
      accepted: () => [],
      table: undefined as never,
      pillarOf: async () => new Map(),
      nodegroups: undefined,
    },
    refused: () => undefined,
  })
  authenticator = openAuthenticator({
    store: store.operators,
    directory,
    access,
    audit,
    clock,
    log: pino({ level: 'silent' }),
    pam: () => ({ socket, service: 'tsalt' }),
    tokenLife: () => 3_600,
  })
  desk = new OperatorDesk({ store: store.operators, directory, access, authority, audit, clock })
  await desk.addUser({ name: 'alice', password, groups: ['web'] }, root)
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

const login = (username: string, word = password, from = '10.0.0.1') =>
  authenticator.login({ username, password: word }, from)

describe('a password', () => {
  it('becomes a token that is good until its time, and no longer', async () => {
    const session = await login('alice')
    expect(session).toMatchObject({ user: 'alice', eauth: 'local', perms: [{ '*': ['test.*'] }] })
    expect(session.token).toMatch(/^[0-9a-f]{64}$/)
    expect(session.expire - session.start).toBe(3_600_000)
    expect((await authenticator.byToken(session.token))?.name).toBe('alice')
    ahead = 3_600_001
    expect(await authenticator.byToken(session.token)).toBeUndefined()
  })

  it('is kept nowhere, and neither is the token', async () => {
    const { token } = await login('alice')
    const kept = JSON.stringify([await store.operators.users(), await store.operators.passes(), written])
    expect(kept).not.toContain(password)
    expect(kept).not.toContain(token)
    expect(kept).toContain('scrypt$')
  })

  it('is refused with one sentence, whether the user or the password is wrong', async () => {
    await desk.addUser({ name: 'keyonly', groups: [] }, root)
    await desk.addUser({ name: 'gone', password, groups: [] }, root)
    await desk.changeUser('gone', { disabled: true }, root)
    const said = new Set<string>()
    for (const [name, word] of [
      ['alice', 'wrong password'],
      ['nobody', password],
      ['gone', password],
      ['keyonly', ''],
      ['', ''],
      ['alice', 'x'.repeat(5_000)],
      ['alice\0', password],
    ] as const)
      await login(name, word, `10.0.1.${said.size}`).catch((error: Error) =>
        said.add(`${error.name} ${error.message}`),
      )
    expect([...said]).toEqual(['TsaltError The name or the password is wrong, or this user may not log in.'])
    const refused = written.filter(({ kind, verdict }) => kind === 'login' && verdict === 'refused')
    expect(refused).toHaveLength(7)
    expect(refused[0]).toMatchObject({ actor: 'address:10.0.1.0', subject: 'local:alice' })
  })

  it('costs as much for a user that is not there', async () => {
    const time = async (name: string): Promise<number> => {
      const before = process.cpuUsage()
      await login(name, 'wrong password', `10.0.2.${name.length}`).catch(() => undefined)
      const { user, system } = process.cpuUsage(before)
      return user + system
    }
    await time('warm-up')
    const [known, unknown] = [await time('alice'), await time('nobody-there')]
    expect(unknown).toBeGreaterThan(known / 3)
    expect(unknown).toBeLessThan(known * 3)
  })

  it('may fail five times in a row at an address, and comes back with time', async () => {
    const codes: string[] = []
    for (let count = 0; count < 6; count++)
      await login('alice', 'wrong password').catch((error: { code: string }) => codes.push(error.code))
    expect(codes).toEqual([...Array<string>(5).fill('login-refused'), 'login-too-often'])
    await expect(login('alice')).rejects.toMatchObject({ code: 'login-too-often' })
    // Elsewhere the same user gets in.
    expect(await login('alice', password, '10.0.0.2')).toMatchObject({ user: 'alice' })
    ahead = 31_000
    expect(await login('alice')).toMatchObject({ user: 'alice' })
  })

  it('that is right does not use the budget up', async () => {
    for (let count = 0; count < 12; count++) await login('alice')
    expect((await store.operators.passes()).length).toBe(12)
  })

  it('made at a lesser cost is made stronger at the next login', async () => {
    const { hashPassword } = await import('../../../../master/auth/password.ts')
    const weak = await hashPassword(password, { exponent: 10, r: 8, p: 1 })
    const alice = directory.user('alice')
    if (alice) await store.operators.changeUser({ ...alice, password: weak }, false)
    await directory.refresh()
    await login('alice')
    expect(directory.user('alice')?.password).toMatch(/^scrypt\$15\$8\$3\$/)
    expect(await login('alice')).toMatchObject({ user: 'alice' })
  })
})

describe('a token', () => {
  it('ends with logout, a new password, disabling, deletion, revocation', async () => {
    const good = async (token: string) => (await authenticator.byToken(token)) !== undefined
    const first = await login('alice')
    expect(await authenticator.logout(first.token)).toBe(true)
    expect(await authenticator.logout(first.token)).toBe(false)
    expect(await good(first.token)).toBe(false)

    const second = await login('alice')
    await desk.changeUser('alice', { password: 'another password' }, root)
    expect(await good(second.token)).toBe(false)

    const third = await desk.makeToken('alice', 60, 'ci', root)
    const [shown] = await desk.tokens(root)
    await desk.revokeToken(shown?.id ?? '', root)
    expect(await good(third.token)).toBe(false)

    const fourth = await desk.makeToken('alice', 60, 'ci', root)
    await desk.changeUser('alice', { disabled: true }, root)
    await desk.changeUser('alice', { disabled: false }, root)
    expect(await good(fourth.token)).toBe(false)

    const fifth = await desk.makeToken('alice', 60, 'ci', root)
    await desk.dropUser('alice', root)
    expect(await good(fifth.token)).toBe(false)
    // Who comes after under the same name inherits nothing.
    await desk.addUser({ name: 'alice', password, groups: [] }, root)
    expect(await good(fifth.token)).toBe(false)
    for (const nonsense of ['', 'x', '0'.repeat(64), "' or 1=1 --"]) expect(await good(nonsense)).toBe(false)
  })

  it('of a user is one of few: the oldest go', async () => {
    const first = await desk.makeToken('alice', 60, '', root)
    for (let count = 0; count < passesPerUser; count++) await desk.makeToken('alice', 60, '', root)
    expect((await store.operators.passes()).length).toBe(passesPerUser)
    expect(await authenticator.byToken(first.token)).toBeUndefined()
  })

  it('is not made for longer than a year, nor for nobody', async () => {
    await expect(desk.makeToken('alice', 366 * 86_400, '', root)).rejects.toMatchObject({
      code: 'operator-lifetime-invalid',
    })
    await expect(desk.makeToken('alice', 0, '', root)).rejects.toMatchObject({
      code: 'operator-lifetime-invalid',
    })
    await expect(desk.makeToken('bob', 60, '', root)).rejects.toMatchObject({ code: 'user-unknown' })
  })
})

describe('a certificate', () => {
  const shown = (pem: string) => {
    const certificate = new X509Certificate(pem)
    return {
      raw: certificate.raw,
      serialNumber: certificate.serialNumber,
      subjectaltname: certificate.subjectAltName,
      ext_key_usage: certificate.keyUsage,
    }
  }
  const publicKey = (): string => makeKeyPair().publicKey.export({ type: 'spki', format: 'pem' }).toString()

  it('of an operator is one, until it is revoked or ends', async () => {
    const made = await desk.makeCertificate('alice', publicKey(), 30, root)
    expect((await authenticator.byCertificate(shown(made.certificate)))?.name).toBe('alice')
    ahead = 30 * 86_400_000 + 1_000
    expect(await authenticator.byCertificate(shown(made.certificate))).toBeUndefined()
    ahead = 0
    await desk.revokeCertificate(made.serial, root)
    expect(await authenticator.byCertificate(shown(made.certificate))).toBeUndefined()
  })

  it("of a minion or of the master is worth nothing, nor is an operator's that was not issued to an operator here", async () => {
    const key = makeKeyPair().publicKey
    const minion = authority.issue({ role: 'minion', id: parseMinionId('alice') }, key, 30)
    const master = authority.issue({ role: 'master' }, key, 30)
    // As if the store had lost it, or another had signed it with our key.
    const stray = authority.issue({ role: 'operator', name: 'alice' }, key, 30)
    for (const { pem } of [minion, master, stray])
      expect(await authenticator.byCertificate(shown(pem))).toBeUndefined()
    const made = await desk.makeCertificate('alice', publicKey(), 30, root)
    const forged = { ...shown(stray.pem), serialNumber: made.serial }
    expect(await authenticator.byCertificate(forged)).toBeUndefined()
    const other = { ...shown(made.certificate), subjectaltname: 'URI:tsalt:operator/root' }
    expect(await authenticator.byCertificate(other)).toBeUndefined()
  })

  it('is worth nothing when its user is disabled or gone', async () => {
    const made = await desk.makeCertificate('alice', publicKey(), 30, root)
    await desk.changeUser('alice', { disabled: true }, root)
    expect(await authenticator.byCertificate(shown(made.certificate))).toBeUndefined()
    await desk.dropUser('alice', root)
    await desk.addUser({ name: 'alice', groups: [] }, root)
    expect(await authenticator.byCertificate(shown(made.certificate))).toBeUndefined()
  })

  it('is made for an EC key on P-256, and for no private key', async () => {
    const { privateKey } = makeKeyPair()
    const secret = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    for (const pem of ['', 'nonsense', secret])
      await expect(desk.makeCertificate('alice', pem, 30, root)).rejects.toMatchObject({
        code: 'public-key-unfit',
      })
  })
})

it('takes no name that the master uses itself, nor one that looks like another way to log in', async () => {
  for (const name of [
    'root',
    'local',
    'reactor',
    'schedule',
    'master',
    'pam:zoe',
    '%web',
    '*',
    '',
    'a b',
    'ä',
  ])
    await expect(desk.addUser({ name, groups: [] }, root), name).rejects.toMatchObject({
      code: 'user-name-invalid',
    })
  await expect(desk.addUser({ name: 'alice', groups: [] }, root)).rejects.toMatchObject({
    code: 'user-exists',
  })
  await expect(desk.addUser({ name: 'bob', groups: ['*'] }, root)).rejects.toMatchObject({
    code: 'group-name-invalid',
  })
})

it('is not for operators themselves', async () => {
  const { actor } = await login('alice')
  await expect(desk.addUser({ name: 'eve', groups: [] }, actor)).rejects.toMatchObject({
    code: 'access-denied',
  })
  await expect(desk.users(actor)).rejects.toMatchObject({ code: 'access-denied' })
  await expect(desk.makeToken('alice', 60, '', actor)).rejects.toMatchObject({ code: 'access-denied' })
})

describe('PAM', () => {
  let daemon: Server | undefined
  const asked: string[][] = []
  /** The other side of the socket: what saslauthd does with each question. */
  const answering = (answer: (fields: string[]) => Buffer | undefined): Promise<void> =>
    new Promise((ready) => {
      daemon = createServer((peer) => {
        peer.on('data', (data) => {
          const fields: string[] = []
          for (let at = 0; at < data.length; ) {
            const length = data.readUInt16BE(at)
            fields.push(data.subarray(at + 2, at + 2 + length).toString())
            at += 2 + length
          }
          asked.push(fields)
          const said = answer(fields)
          if (said) peer.end(said)
          else peer.destroy()
        })
      }).listen(socket, () => ready())
    })
  const counted = (text: string): Buffer => Buffer.concat([Buffer.from([0, text.length]), Buffer.from(text)])
  const pam = (username: string, word: string) =>
    authenticator.login({ username, password: word, eauth: 'pam' }, '10.0.0.9')
  beforeEach(() => void asked.splice(0))
  afterEach(() => daemon?.close())

  it('is asked over the socket, and its users are others than those of the store', async () => {
    await answering(([, word]) => counted(word === 'secret' ? 'OK' : 'NO "authentication failed"'))
    const session = await pam('zoe', 'secret')
    expect(session.actor).toMatchObject({ name: 'pam:zoe', grants: [{ functions: ['test.*'] }] })
    expect((await authenticator.byToken(session.token))?.name).toBe('pam:zoe')
    expect((await pam('alice', 'secret')).actor).toEqual({ name: 'pam:alice', grants: [] })
    expect((await pam('root', 'secret')).actor).toEqual({ name: 'pam:root', grants: [] })
    await expect(pam('zoe', 'wrong')).rejects.toMatchObject({ code: 'login-refused' })
    expect(asked[0]).toEqual(['zoe', 'secret', 'tsalt', ''])
  })

  it('lets in nobody whom the system does not know, or not any more', async () => {
    await answering(() => counted('OK'))
    await expect(pam('nobody-knows', 'secret')).rejects.toMatchObject({ code: 'login-refused' })
    accounts.set('zoe', { groups: ['wheel'], ended: 'its password is locked' })
    await expect(pam('zoe', 'secret')).rejects.toMatchObject({ code: 'login-refused' })
  })

  it('gives the groups that there are at each use', async () => {
    await answering(() => counted('OK'))
    const { token } = await pam('alice', 'secret')
    expect((await authenticator.byToken(token))?.grants).toEqual([])
    accounts.set('alice', { groups: ['ops'], ended: undefined })
    expect((await authenticator.byToken(token))?.grants).toMatchObject([{ functions: ['service.*'] }])
    accounts.set('alice', { groups: [], ended: undefined })
    expect((await authenticator.byToken(token))?.grants).toEqual([])
  })

  it('all tokens of a user end when it goes, and stay ended when somebody gets the name again', async () => {
    await answering(() => counted('OK'))
    const [one, other] = [await pam('zoe', 'secret'), await pam('zoe', 'secret')]
    const kept = await pam('alice', 'secret')
    const zoe = accounts.get('zoe')
    accounts.delete('zoe')
    expect(await authenticator.byToken(one.token)).toBeUndefined()
    expect(written.at(-1)).toEqual({
      actor: 'operator:pam:zoe',
      kind: 'operator-token.end',
      verdict: 'refused',
      reason: 'it is not there',
    })
    if (zoe) accounts.set('zoe', zoe)
    expect(await authenticator.byToken(one.token)).toBeUndefined()
    expect(await authenticator.byToken(other.token)).toBeUndefined()
    expect((await authenticator.byToken(kept.token))?.name).toBe('pam:alice')
  })

  it('tokens that nobody uses end as well, at the next round', async () => {
    await answering(() => counted('OK'))
    const { token } = await pam('zoe', 'secret')
    const { token: local } = await login('alice')
    const zoe = accounts.get('zoe')
    accounts.delete('zoe')
    await authenticator.endOfGone()
    if (zoe) accounts.set('zoe', zoe)
    expect(await authenticator.byToken(token)).toBeUndefined()
    expect(await authenticator.byToken(local)).toBeDefined()
  })

  it('that gives no answer, or nonsense, lets nobody in', async () => {
    await expect(pam('zoe', 'secret')).rejects.toMatchObject({ code: 'pam-unanswered' })
    await answering(([name]) => (name === 'zoe' ? counted('MAYBE') : undefined))
    await expect(pam('zoe', 'secret')).rejects.toMatchObject({ code: 'pam-unanswered' })
    await expect(pam('yan', 'secret')).rejects.toMatchObject({ code: 'pam-unanswered' })
  })

  it('is not asked for names with a NUL in them', async () => {
    await answering(() => counted('OK'))
    await expect(pam('zoe\0root', 'secret')).rejects.toMatchObject({ code: 'login-refused' })
    expect(asked).toEqual([])
  })
})

it('takes no way of logging in that is not configured', async () => {
  await expect(
    authenticator.login({ username: 'a', password: 'b', eauth: 'ldap' }, 'x'),
  ).rejects.toMatchObject({
    code: 'login-kind-unknown',
  })
})
