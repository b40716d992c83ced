/** What is done with operators: users, tokens, certificates. Whoever asks needs the right to the wheel function `auth.…`. */
import { createHash, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import type { Clock } from '../../shared/clock.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import type { Sha256 } from '../../shared/ids.ts'
import type { Audit } from '../audit/audit-log.ts'
import type { Authority } from '../pki/authority.ts'
import type { OperatorStore, StoredOperatorCertificate, StoredPass, StoredUser } from '../store/operators.ts'
import type { Access } from './access.ts'
import { type Actor, reservedNames } from './actor.ts'
import { actorName, makePass, type Session } from './authenticator.ts'
import type { Directory } from './directory.ts'
import { hashPassword } from './password.ts'

export interface OperatorDeskParts {
  readonly store: OperatorStore
  readonly directory: Directory
  readonly access: Access
  readonly authority: Pick<Authority, 'issue' | 'text'>
  readonly audit: Audit
  readonly clock: Clock
}

export interface NewUser {
  readonly name: string
  /** Absent: nobody logs in by it; certificates and tokens may still be made. */
  readonly password?: string | undefined
  readonly groups: readonly string[]
}

export interface UserChange {
  readonly password?: string | undefined
  readonly groups?: readonly string[] | undefined
  readonly disabled?: boolean | undefined
}

export interface ShownPass extends StoredPass {
  /** The beginning of its hash, by which it is revoked. */
  readonly id: string
}

export interface IssuedCertificate {
  readonly certificate: string
  /** Of the CA, PEM. */
  readonly authority: string
  readonly serial: string
  readonly expires: number
}

/** Days. */
const longestToken = 365
const longestCertificate = 365
const userName = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/

export class OperatorDesk {
  readonly #parts: OperatorDeskParts

  constructor(parts: OperatorDeskParts) {
    this.#parts = parts
  }

  async users(actor: Actor): Promise<readonly Omit<StoredUser, 'password'>[]> {
    await this.#may(actor, 'list')
    return this.#parts.directory.users().map(({ password: _secret, ...user }) => user)
  }

  /** @throws TsaltError `user-name-invalid`, `group-name-invalid`, `password-unfit`, `user-exists`, `access-denied` */
  async addUser({ name, password, groups }: NewUser, actor: Actor): Promise<void> {
    await this.#may(actor, 'user_add', name)
    checkName(name)
    checkGroups(groups)
    const { store, clock } = this.#parts
    const hash = password === undefined ? '' : await hashPassword(password)
    const now = clock.now()
    if (this.#parts.directory.user(name)) throw new TsaltError('user-exists', { name })
    this.#audit(actor, 'user.add', name)
    const user = { name, password: hash, groups, disabled: false, made: now, changed: now }
    if (!(await store.addUser(user))) throw new TsaltError('user-exists', { name })
    await this.#parts.directory.refresh()
  }

  /** A new password or disabling ends the user's logins. @throws TsaltError `user-unknown`, as `addUser` */
  async changeUser(name: string, change: UserChange, actor: Actor): Promise<void> {
    const { store, directory, clock } = this.#parts
    const what =
      change.password !== undefined ? 'passwd' : change.disabled !== undefined ? 'disable' : 'groups'
    await this.#may(actor, `user_${what}`, name)
    const { password, groups, disabled } = change
    if (groups !== undefined) checkGroups(groups)
    const hash = password === undefined ? undefined : await hashPassword(password)
    const user = this.#known(name)
    const kind = what === 'disable' && disabled === false ? 'enable' : what
    this.#audit(actor, `user.${kind}`, name, groups === undefined ? undefined : groups.join(', '))
    const changed = {
      ...user,
      ...(hash === undefined ? {} : { password: hash }),
      ...(groups === undefined ? {} : { groups }),
      ...(disabled === undefined ? {} : { disabled }),
      changed: clock.now(),
    }
    const ends = hash !== undefined || disabled === true
    if (!(await store.changeUser(changed, ends))) throw new TsaltError('user-unknown', { name })
    await directory.refresh()
  }

  /** With its tokens; its certificates are revoked. @throws TsaltError `user-unknown` */
  async dropUser(name: string, actor: Actor): Promise<void> {
    await this.#may(actor, 'user_delete', name)
    this.#known(name)
    this.#audit(actor, 'user.delete', name)
    await this.#parts.store.dropUser(name, this.#parts.clock.now())
    await this.#parts.directory.refresh()
  }

  async tokens(actor: Actor): Promise<readonly ShownPass[]> {
    await this.#may(actor, 'list')
    const { store, clock } = this.#parts
    const passes = await store.passes()
    return passes
      .filter(({ expires }) => clock.now() < expires)
      .map((pass) => ({ ...pass, id: pass.hash.slice(0, 12) }))
  }

  /** @throws TsaltError `user-unknown`, `operator-lifetime-invalid` */
  async makeToken(user: string, seconds: number, note: string, actor: Actor): Promise<Session> {
    await this.#may(actor, 'token_make', user)
    this.#known(user)
    checkLife('A token', seconds, longestToken)
    this.#audit(actor, 'operator-token.make', user, note === '' ? undefined : note)
    return makePass(this.#parts, { user, eauth: 'local', seconds, note })
  }

  /** @param id the beginning of its hash, at least eight digits. @throws TsaltError `operator-token-unknown` */
  async revokeToken(id: string, actor: Actor): Promise<void> {
    await this.#may(actor, 'token_revoke', id)
    const { store } = this.#parts
    const found = /^[0-9a-f]{8,64}$/.test(id)
      ? (await store.passes()).filter(({ hash }) => hash.startsWith(id))
      : []
    const [pass, another] = found
    if (pass === undefined || another !== undefined) throw new TsaltError('operator-token-unknown', { id })
    this.#audit(actor, 'operator-token.revoke', actorName(pass.eauth, pass.user), pass.hash.slice(0, 12))
    await store.dropPass(pass.hash)
  }

  async certificates(actor: Actor): Promise<readonly StoredOperatorCertificate[]> {
    await this.#may(actor, 'list')
    return this.#parts.store.certificates()
  }

  /** @param publicKey SPKI, PEM. @throws TsaltError `user-unknown`, `public-key-unfit`, `operator-lifetime-invalid` */
  async makeCertificate(
    name: string,
    publicKey: string,
    days: number,
    actor: Actor,
  ): Promise<IssuedCertificate> {
    await this.#may(actor, 'certificate_make', name)
    const { store, authority, clock, audit } = this.#parts
    this.#known(name)
    checkLife('A certificate', days * 86_400, longestCertificate)
    const key = publicKeyOf(publicKey)
    const { pem, serial, notAfter } = authority.issue({ role: 'operator', name }, key, days)
    audit.record({
      actor: `operator:${actor.name}`,
      serial,
      kind: 'operator-certificate.make',
      verdict: 'allowed',
      subject: name,
    })
    const hash = createHash('sha256').update(new X509Certificate(pem).raw).digest('hex') as Sha256
    const made = clock.now()
    await store.addCertificate({ serial, name, hash, made, expires: notAfter, revoked: undefined })
    return { certificate: pem, authority: authority.text, serial, expires: notAfter }
  }

  /** @throws TsaltError `operator-certificate-unknown` */
  async revokeCertificate(serial: string, actor: Actor): Promise<void> {
    await this.#may(actor, 'certificate_revoke', serial)
    const { store, clock, audit } = this.#parts
    const known = await store.certificate(serial)
    if (known === undefined) throw new TsaltError('operator-certificate-unknown', { serial })
    audit.record({
      actor: `operator:${actor.name}`,
      serial,
      kind: 'operator-certificate.revoke',
      verdict: 'allowed',
      subject: known.name,
    })
    await store.revokeCertificate(serial, clock.now())
  }

  #known(name: string): StoredUser {
    const user = this.#parts.directory.user(name)
    if (user === undefined) throw new TsaltError('user-unknown', { name })
    return user
  }

  #may(actor: Actor, what: string, name?: string): Promise<void> {
    const kwargs = name === undefined ? {} : { name }
    return this.#parts.access.require(actor, { kind: 'wheel', fun: `auth.${what}`, args: [], kwargs })
  }

  #audit(actor: Actor, kind: string, subject: string, reason?: string): void {
    this.#parts.audit.record({
      actor: `operator:${actor.name}`,
      kind,
      verdict: 'allowed',
      subject,
      ...(reason === undefined ? {} : { reason }),
    })
  }
}

function checkName(name: string): void {
  if (!userName.test(name) || reservedNames.has(name))
    throw new TsaltError('user-name-invalid', {
      name: name.slice(0, 80),
      reserved: [...reservedNames].join(', '),
    })
}

function checkGroups(groups: readonly string[]): void {
  for (const group of groups)
    if (!userName.test(group)) throw new TsaltError('group-name-invalid', { group: group.slice(0, 80) })
}

function checkLife(what: string, seconds: number, longest: number): void {
  if (!Number.isSafeInteger(seconds) || seconds < 1 || seconds > longest * 86_400)
    throw new TsaltError('operator-lifetime-invalid', { what, longest, seconds })
}

function publicKeyOf(pem: string): KeyObject {
  let key: KeyObject
  try {
    key = createPublicKey(pem)
  } catch (cause) {
    throw new TsaltError('public-key-unfit', { reason: 'it is no public key in PEM' }, { cause })
  }
  // createPublicKey takes a private key as well: nobody should get used to sending one.
  if (!pem.includes('BEGIN PUBLIC KEY'))
    throw new TsaltError('public-key-unfit', { reason: 'it is no public key in PEM' })
  const { namedCurve } = key.asymmetricKeyDetails ?? {}
  if (key.asymmetricKeyType !== 'ec' || namedCurve !== 'prime256v1')
    throw new TsaltError('public-key-unfit', { reason: `it is ${key.asymmetricKeyType ?? 'another kind'}` })
  return key
}
