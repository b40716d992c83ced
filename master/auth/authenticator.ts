/** Who is there: passwords, tokens and client certificates become an Actor. What it may do is the matter of Access. */
import { createHash } from 'node:crypto'
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import type { Json } from '../../shared/data/codec.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import type { Sha256 } from '../../shared/ids.ts'
import { roleOfUri } from '../../shared/pki/distinguished.ts'
import { type Audit, recordRefusal } from '../audit/audit-log.ts'
import type { OperatorStore, StoredPass } from '../store/operators.ts'
import type { Access } from './access.ts'
import type { Actor } from './actor.ts'
import type { Directory } from './directory.ts'
import { LoginBudget } from './login-budget.ts'
import { askPam, type PamPlace } from './pam.ts'
import { hashPassword, isCheap, longestPassword, PasswordCheck } from './password.ts'

export interface Credentials {
  readonly username: string
  readonly password: string
  /** `local` (the default) or `pam`. */
  readonly eauth?: string | undefined
}

export interface Session {
  /** 64 hexadecimal digits. It is a secret, and stored nowhere but as its hash. */
  readonly token: string
  readonly user: string
  readonly eauth: string
  /** Milliseconds since the epoch. */
  readonly start: number
  readonly expire: number
  readonly actor: Actor
  /** What the actor may do, in the form in which Salt's clients know it. */
  readonly perms: Json
}

/** What is needed of node's PeerCertificate, of a connection whose chain OpenSSL has verified against our CA. */
export interface ShownCertificate {
  readonly raw: Buffer
  readonly serialNumber: string
  /** `URI:tsalt:operator/alice` */
  readonly subjectaltname?: string | undefined
  /** OIDs of the extended key usage. */
  readonly ext_key_usage?: readonly string[] | undefined
}

export interface Authenticator {
  /** Ways of logging in that are configured: `local`, perhaps `pam`. */
  readonly eauths: readonly string[]
  /**
   * @param from address of the peer, or `socket`
   * @throws TsaltError `login-refused` (the same for an unknown user and a wrong password), `login-too-often`,
   * `login-kind-unknown`, `pam-unanswered`
   */
  login(credentials: Credentials, from: string): Promise<Session>
  /** undefined: unknown, expired, or its user is disabled. A token ends at a fixed time. */
  byToken(token: string): Promise<Actor | undefined>
  /** The session of a token, to tell what `byToken` would let it do. */
  session(token: string): Promise<Session | undefined>
  /** undefined: no operator's, not issued here, revoked, expired, or its user is disabled. */
  byCertificate(certificate: ShownCertificate): Promise<Actor | undefined>
  /** Ends the tokens of users of the system that are there no more: who gets the name next is somebody else. */
  endOfGone(): Promise<void>
  /** The token is worth nothing afterwards. @returns false where it was so before */
  logout(token: string): Promise<boolean>
}

export interface AuthenticatorParts {
  readonly store: OperatorStore
  readonly directory: Directory
  readonly access: Pick<Access, 'actor' | 'perms'>
  readonly audit: Audit
  readonly clock: Clock
  readonly log: Logger
  /** undefined: PAM is not configured. */
  readonly pam: () => PamPlace | undefined
  /** Of a session, seconds. */
  readonly tokenLife: () => number
}

/** Of a user: the oldest end for newer ones. */
export const passesPerUser = 200
const tokenShape = /^[0-9a-f]{64}$/
const clientAuth = '1.3.6.1.5.5.7.3.2'

export function hashPass(token: string): Sha256 {
  return createHash('sha256').update(`tsalt-operator-token:${token}`).digest('hex') as Sha256
}

/** The name that an Actor has: users of the system are apart from those of the store. */
export const actorName = (eauth: string, user: string): string => (eauth === 'pam' ? `pam:${user}` : user)

export function openAuthenticator(parts: AuthenticatorParts): Authenticator {
  const { store, directory, clock } = parts
  const eauths = (): readonly string[] => (parts.pam() === undefined ? ['local'] : ['local', 'pam'])
  const login = makeLogin(parts, eauths)

  async function find(token: string): Promise<StoredPass | undefined> {
    if (!tokenShape.test(token)) return undefined
    const pass = await store.pass(hashPass(token))
    if (pass === undefined || clock.now() >= pass.expires || !eauths().includes(pass.eauth)) return undefined
    const name = actorName(pass.eauth, pass.user)
    const ended = await directory.look(name)
    if (ended !== undefined) await end(pass, ended)
    return directory.groupsOf(name) === undefined ? undefined : pass
  }

  /** With all that this user has: the name may be somebody else's one day. */
  async function end({ eauth, user }: StoredPass, reason: string): Promise<void> {
    const own = (await store.passes()).filter((pass) => pass.eauth === eauth && pass.user === user)
    const entry = { actor: `operator:${actorName(eauth, user)}`, kind: 'operator-token.end', reason }
    recordRefusal(parts.audit, parts.log, entry)
    await Promise.all(own.map(({ hash }) => store.dropPass(hash)))
  }

  return {
    get eauths() {
      return eauths()
    },
    login,
    async byToken(token) {
      const pass = await find(token)
      return pass && parts.access.actor(actorName(pass.eauth, pass.user))
    },
    async session(token) {
      const pass = await find(token)
      return pass && sessionOf(parts, token, pass)
    },
    byCertificate: (certificate) => byCertificate(parts, certificate),
    async endOfGone() {
      const passes = new Map((await store.passes()).map((pass) => [actorName(pass.eauth, pass.user), pass]))
      for (const [name, pass] of passes) {
        const ended = await directory.look(name)
        if (ended !== undefined) await end(pass, ended)
      }
    },
    async logout(token) {
      const pass = await find(token)
      if (pass === undefined) return false
      const actor = `operator:${actorName(pass.eauth, pass.user)}`
      parts.audit.record({ actor, kind: 'logout', verdict: 'allowed' })
      return store.dropPass(pass.hash)
    },
  }
}

function makeLogin(parts: AuthenticatorParts, eauths: () => readonly string[]): Authenticator['login'] {
  const { store, directory, audit, clock, log } = parts
  const budget = new LoginBudget(clock)
  const check = new PasswordCheck()

  async function isRight(eauth: string, user: string, password: string): Promise<boolean> {
    const pam = parts.pam()
    if (eauth === 'pam') {
      if (pam === undefined || !(await askPam(pam, user, password))) return false
      // Groups as they are now, and nobody whom the system does not know.
      return (await directory.look(actorName(eauth, user), 'anew')) === undefined
    }
    const known = directory.user(user)
    const right = await check.matches(known?.password, password)
    if (!right || known === undefined || known.disabled) return false
    if (isCheap(known.password)) {
      const stronger = await hashPassword(password)
      // Only where nobody changed it meanwhile.
      const now = directory.user(user)
      if (now?.password === known.password) await store.changeUser({ ...now, password: stronger }, false)
      await directory.refresh()
    }
    return true
  }

  return async ({ username, password, eauth = 'local' }, from) => {
    if (!eauths().includes(eauth))
      throw new TsaltError('login-kind-unknown', { eauth: eauth.slice(0, 40), known: eauths().join(', ') })
    const refuse = (reason: string): void => {
      const subject = `${eauth}:${username.slice(0, 64)}`
      recordRefusal(audit, log, { actor: `address:${from}`, kind: 'login', subject, reason })
    }
    try {
      budget.take(username, from)
    } catch (error) {
      refuse('login-too-often')
      throw error
    }
    const plausible = username !== '' && username.length <= 256 && password.length <= longestPassword
    if (!(await isRight(eauth, plausible ? username : '', password)) || !plausible) {
      refuse('login-refused')
      throw new TsaltError('login-refused', {})
    }
    budget.giveBack(username, from)
    const actor = `operator:${actorName(eauth, username)}`
    audit.record({ actor, kind: 'login', verdict: 'allowed', subject: from, reason: eauth })
    const life = { seconds: parts.tokenLife(), note: `login from ${from}` }
    return makePass(parts, { user: username, eauth, ...life })
  }
}

export interface PassWish {
  readonly user: string
  readonly eauth: string
  readonly seconds: number
  readonly note: string
}

/** A token for a user who is known to be that user. */
export async function makePass(
  parts: Pick<AuthenticatorParts, 'store' | 'clock' | 'access'>,
  { user, eauth, seconds, note }: PassWish,
): Promise<Session> {
  const token = parts.clock.randomHex(32)
  const made = parts.clock.now()
  const pass = { hash: hashPass(token), user, eauth, made, expires: made + seconds * 1000, note }
  await parts.store.addPass(pass, passesPerUser)
  return sessionOf(parts, token, pass)
}

function sessionOf({ access }: Pick<AuthenticatorParts, 'access'>, token: string, pass: StoredPass): Session {
  const actor = access.actor(actorName(pass.eauth, pass.user))
  const { user, eauth, made: start, expires: expire } = pass
  return { token, user, eauth, start, expire, actor, perms: access.perms(actor) }
}

async function byCertificate(
  { store, directory, access, clock }: AuthenticatorParts,
  { raw, serialNumber, subjectaltname = '', ext_key_usage: usages = [] }: ShownCertificate,
): Promise<Actor | undefined> {
  const role = roleOfUri(subjectaltname.replace(/^URI:/, ''))
  if (role?.role !== 'operator' || usages.length !== 1 || usages[0] !== clientAuth) return undefined
  const known = await store.certificate(serialNumber.toLowerCase().padStart(32, '0'))
  if (known === undefined || known.revoked !== undefined || clock.now() >= known.expires) return undefined
  if (known.name !== role.name || known.hash !== createHash('sha256').update(raw).digest('hex'))
    return undefined
  return directory.groupsOf(role.name) === undefined ? undefined : access.actor(role.name)
}
