/** Which API is meant, and by which certificates it is known: options, environment, this host's master, the saved login. */
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { TsaltError } from '../../shared/errors/error.ts'
import { parseApiAddress } from './api-address.ts'
import type { Console } from './console.ts'
import type { ReachOptions } from './network-options.ts'
import { flawOf, readCertificates } from './pem-file.ts'
import type { SavedSession } from './session-file.ts'
import { configFileOf } from './socket-path.ts'

export interface ApiPlace {
  /** `https://host:port` */
  readonly api: string
  /** PEM that was named or remembered for it. undefined: what the system trusts. */
  readonly ca: string | undefined
}

/** @throws TsaltError `api-missing`, `usage-wrong`, `pem-file-unusable` */
export async function apiPlace(
  options: ReachOptions,
  { env }: Console,
  saved: SavedSession | undefined,
): Promise<ApiPlace> {
  const typed = options.api ?? (env.TSALT_API || undefined)
  const here = typed === undefined ? await placeOfThisHost(options) : undefined
  const api = typed === undefined ? (here?.api ?? saved?.api) : parseApiAddress(typed)
  if (api === undefined) throw new TsaltError('api-missing', {})
  const file = options.ca ?? (env.TSALT_CA || undefined)
  if (file !== undefined)
    return { api, ca: readCertificates(options.ca === undefined ? 'TSALT_CA' : '--ca', file) }
  return { api, ca: saved?.api === api ? saved.ca : here?.ca }
}

/** Of the option `api`, where this user may read the configuration of a master. */
async function placeOfThisHost({ configDir, rootDir }: ReachOptions): Promise<ApiPlace | undefined> {
  const [{ loadOptions }, { masterOptions }] = await Promise.all([
    import('../../shared/config/load.ts'),
    import('../../shared/config/master-options.ts'),
  ])
  try {
    const file = configFileOf({ configDir, rootDir })
    const { api, root_dir } = loadOptions(masterOptions, file, { root_dir: rootDir })
    if (api === null) return undefined
    const certificate = readCertificate(resolve(root_dir, api.certificate))
    return { api: `https://${hostOf(api.host, certificate)}:${api.port}`, ca: ownAuthority(certificate) }
  } catch {
    // Not for this user, or not in order: then nothing is known of it.
    return undefined
  }
}

function readCertificate(path: string): string | undefined {
  try {
    const text = readFileSync(path, 'utf8')
    return flawOf(text) === undefined ? text : undefined
  } catch {
    // Not for this user.
    return undefined
  }
}

/** A name that the certificate is good for and that leads here. */
function hostOf(listens: string, certificate: string | undefined): string {
  const isAny = listens === '0.0.0.0' || listens === '::'
  if (!isAny) return listens.includes(':') ? `[${listens}]` : listens
  const names = certificate === undefined ? '' : (new X509Certificate(certificate).subjectAltName ?? '')
  if (/\bDNS:localhost\b/.test(names)) return 'localhost'
  if (/\bIP Address:127\.0\.0\.1\b/.test(names)) return '127.0.0.1'
  return /\bDNS:([\w.-]+)/.exec(names)?.[1] ?? /\bIP Address:([\d.]+)/.exec(names)?.[1] ?? '127.0.0.1'
}

/** Where the chain ends in a certificate that is signed by itself, the configuration vouches for it. */
function ownAuthority(pem: string | undefined): string | undefined {
  const last = pem?.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)?.at(-1)
  if (last === undefined) return undefined
  const certificate = new X509Certificate(last)
  return certificate.checkIssued(certificate) ? last : undefined
}
