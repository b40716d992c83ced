/** A login at the API: the password is asked for and sent once, and a token comes back. */
import { TsaltError } from '../../shared/errors/error.ts'
import { localTime } from '../../shared/output/durations.ts'
import { harmlessLine } from '../../shared/output/terminal-text.ts'
import type { ApiPlace } from './api-place.ts'
import type { Console } from './console.ts'
import { clientOver, type MasterClient } from './master-client.ts'
import { MasterRefusal } from './master-refusal.ts'
import { networkTransport } from './network-transport.ts'
import { systemAuthorities } from './pem-file.ts'
import { readPassword } from './read-password.ts'
import { checkSession, readSession, type SavedSession, sessionPath, writeSession } from './session-file.ts'

export interface LoginWish {
  readonly username: string | undefined
  readonly password: string | undefined
  /** `local`, `pam`, `auto`. */
  readonly eauth: string | undefined
}

/** @throws TsaltError of the connection, MasterRefusal `login-refused`, `login-too-often`, `login-kind-unknown` */
export async function logIn(place: ApiPlace, wish: LoginWish, console: Console): Promise<SavedSession> {
  const { api, ca } = place
  const authorities = ca ?? systemAuthorities(console.env.SSL_CERT_FILE)
  const client = clientOver(networkTransport({ api, authorities }))
  await requireMaster(client)
  const username = wish.username ?? console.env.USER ?? console.env.LOGNAME ?? ''
  if (username === '')
    throw new TsaltError(
      'usage-wrong',
      { reason: 'Nothing says who logs in' },
      { hint: 'tsalt login NAME, or --username NAME' },
    )
  if (wish.password !== undefined)
    console.err('WARNING: A password among the words of a command can be read by everybody here (ps).\n')
  const password = wish.password ?? (await readPassword(console, `Password of ${username} at ${api}: `))
  const body = { username, password, ...(wish.eauth === undefined ? {} : { eauth: wish.eauth }) }
  try {
    const { token, user, eauth, expire } = await client.post<SavedSession>('/login', body)
    const session = checkSession({ api, ...(ca === undefined ? {} : { ca }), token, user, eauth, expire })
    if (typeof session === 'string') throw new TsaltError('master-answer-unreadable', { reason: session })
    return session
  } catch (error) {
    const isGuess = wish.eauth === undefined || wish.eauth === 'auto'
    if (error instanceof MasterRefusal && error.code === 'login-refused' && isGuess)
      console.err('Users of the system log in with --eauth pam, where the master asks PAM.\n')
    throw error
  }
}

/** Nobody types a password for a master that is not there, or is another one. */
async function requireMaster(client: MasterClient): Promise<void> {
  try {
    await client.get('/session')
  } catch (error) {
    // It answers that nobody is logged in.
    if (!(error instanceof MasterRefusal)) throw error
  }
}

/** Remembers a login, and ends the one that it takes the place of. */
export async function keepSession(session: SavedSession, console: Console): Promise<void> {
  const before = knownSession(console)
  try {
    writeSession(console.env, console.clock, session)
  } catch (error) {
    // Nobody has its token.
    await endQuietly(session, console)
    throw error
  }
  if (before !== undefined && before.token !== session.token) await endQuietly(before, console)
}

export const sessionLine = ({ user, eauth, api, expire }: SavedSession): string =>
  `${harmlessLine(eauth === 'pam' ? `pam:${user}` : user)} is logged in at ${api} until ${localTime(expire)}.\n`

/** The token is worth nothing on the master any more. @throws TsaltError and MasterRefusal where that is not sure */
export async function endSession({ api, ca, token }: SavedSession, { env }: Console): Promise<void> {
  const authorities = ca ?? systemAuthorities(env.SSL_CERT_FILE)
  await clientOver(networkTransport({ api, authorities, token })).post('/logout', {})
}

/** Of a login that nobody uses any more. */
export async function endQuietly(session: SavedSession, console: Console): Promise<void> {
  try {
    await endSession(session, console)
  } catch {
    // It ends by itself at its time.
  }
}

/** A file that cannot be used is told of, and stands in the way of no new login. */
export function knownSession(console: Console): SavedSession | undefined {
  try {
    return readSession(console.env)
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error)
    console.err(`WARNING: ${what} ${sessionPath(console.env)} is written anew.\n`)
    return undefined
  }
}
