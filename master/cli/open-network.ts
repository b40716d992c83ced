/** Opens the API of a master with the rights of a token, a certificate, a login for this command, or the saved login. */
import { readFileSync } from 'node:fs'
import { TsaltError } from '../../shared/errors/error.ts'
import { durationWords, localTime } from '../../shared/output/durations.ts'
import { readSecretFile } from '../../shared/pki/secret-file.ts'
import { type ApiPlace, apiPlace } from './api-place.ts'
import type { Console } from './console.ts'
import { endQuietly, keepSession, logIn, sessionLine } from './log-in.ts'
import { clientOver, type MasterClient } from './master-client.ts'
import { type NetworkPlace, networkTransport } from './network-transport.ts'
import type { MasterOptions } from './open-master.ts'
import { readCertificates, readKey, systemAuthorities } from './pem-file.ts'
import { readSession, type SavedSession } from './session-file.ts'

export interface OpenNetwork {
  readonly client: MasterClient
  /** Ends a login that was made for this command alone. */
  close(): Promise<void>
}

type Proof = Pick<NetworkPlace, 'token' | 'certificate' | 'ended'>

/** @throws as `withMaster` */
export async function openNetwork(options: MasterOptions, console: Console): Promise<OpenNetwork> {
  const ways = waysOf(options)
  const [way, another] = ways
  if (way !== undefined && another !== undefined) throw wrong(`${way} and ${another} exclude each other`)
  if (way === '-a') return openByLogin(options, console)
  const given = givenProof(options, console)
  const saved = given === undefined ? readSession(console.env) : savedOrNone(console)
  const place = await apiPlace(options, console, saved)
  const proof = given?.(place.api) ?? savedProof(place, saved, console)
  return { client: clientOf(place, proof, console), close: async () => undefined }
}

const waysOf = ({
  token,
  clientCert,
  clientKey,
  auth,
  eauth,
  username,
  password,
  makeToken,
}: MasterOptions): readonly string[] => [
  ...(token === undefined ? [] : ['--token']),
  ...(clientCert === undefined && clientKey === undefined ? [] : ['--client-cert']),
  ...([auth, eauth, username, password].some((each) => each !== undefined) || makeToken ? ['-a'] : []),
]

async function openByLogin(options: MasterOptions, console: Console): Promise<OpenNetwork> {
  const saved = savedOrNone(console)
  const place = await apiPlace(options, console, saved)
  const { username, password, auth, eauth = auth } = options
  const session = await logIn(place, { username, password, eauth }, console)
  if (options.makeToken) {
    await keepSession(session, console)
    console.err(sessionLine(session))
  }
  const client = clientOf(place, { token: session.token, ended: sessionEnded(session, console) }, console)
  return { client, close: options.makeToken ? async () => undefined : () => endQuietly(session, console) }
}

/** Of a saved login the address may be of use, also where the login is not. */
function savedOrNone(console: Console): SavedSession | undefined {
  try {
    return readSession(console.env)
  } catch {
    // It is not needed.
    return undefined
  }
}

function givenProof(
  { token, clientCert, clientKey }: MasterOptions,
  { env }: Console,
): ((api: string) => Proof) | undefined {
  if (clientCert !== undefined || clientKey !== undefined) {
    if (clientCert === undefined || clientKey === undefined)
      throw wrong('--client-cert and --client-key belong together')
    const certificate = {
      cert: readCertificates('--client-cert', clientCert),
      key: readKey('--client-key', clientKey),
    }
    const what = `the certificate ${clientCert}`
    return (api) => ({ certificate, ended: () => new TsaltError('credentials-refused', { api, what }) })
  }
  const text = token === undefined ? env.TSALT_TOKEN || undefined : readToken(token)
  if (text === undefined) return undefined
  const shape = text.trim()
  const source = token === undefined ? 'TSALT_TOKEN' : token === '-' ? 'standard input' : token
  if (!/^[0-9a-f]{64}$/.test(shape))
    throw wrong(`There is no token in ${source}: it has 64 hexadecimal digits`)
  const what = `the token of ${source}`
  return (api) => ({ token: shape, ended: () => new TsaltError('credentials-refused', { api, what }) })
}

/** @throws TsaltError `usage-wrong`, `secret-file-loose` */
function readToken(file: string): string {
  if (file === '-') return readFileSync(0, 'utf8').split('\n')[0] ?? ''
  if (/^[0-9a-f]{64}$/.test(file))
    throw wrong(
      '--token names a file: a token among the words of a command can be read by everybody here (ps)',
    )
  const text = readSecretFile(file)
  if (text === undefined) throw wrong(`There is no file ${file} with a token`)
  return text
}

/** @throws TsaltError `login-missing`, `session-ended` */
function savedProof({ api }: ApiPlace, saved: SavedSession | undefined, console: Console): Proof {
  if (saved === undefined || saved.api !== api) {
    const elsewhere =
      saved === undefined
        ? {}
        : { hint: `${saved.user} is logged in at ${saved.api}. For this one: tsalt login NAME --api ${api}` }
    throw new TsaltError('login-missing', { api }, elsewhere)
  }
  const ended = sessionEnded(saved, console)
  if (saved.expire <= console.clock.now()) throw ended()
  return { token: saved.token, ended }
}

function sessionEnded({ user, api, expire, eauth }: SavedSession, { clock }: Console): () => TsaltError {
  return () => {
    const past = clock.now() - expire
    const reason =
      past >= 0
        ? `it was good until ${localTime(expire)}, ${durationWords(past)} ago`
        : 'the master does not know it any more'
    const hint = `Log in again: tsalt login ${user}${eauth === 'local' ? '' : ` --eauth ${eauth}`}`
    return new TsaltError('session-ended', { user, api, reason }, { hint })
  }
}

function clientOf({ api, ca }: ApiPlace, proof: Proof, { env }: Console): MasterClient {
  return clientOver(
    networkTransport({ api, authorities: ca ?? systemAuthorities(env.SSL_CERT_FILE), ...proof }),
  )
}

const wrong = (reason: string): TsaltError =>
  new TsaltError(
    'usage-wrong',
    { reason },
    { hint: 'tsalt login NAME remembers a login; docs/guide/access.md has all ways.' },
  )
