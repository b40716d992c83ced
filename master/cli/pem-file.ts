/** Certificates and keys that options name, and the certificates that this system trusts. */
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { TsaltError } from '../../shared/errors/error.ts'
import { readSecretFile } from '../../shared/pki/secret-file.ts'

/** @throws TsaltError `pem-file-unusable` */
export function readCertificates(option: string, path: string): string {
  const text = readText(option, path)
  const reason = flawOf(text)
  if (reason !== undefined) throw new TsaltError('pem-file-unusable', { option, path, reason })
  return text
}

/** @throws TsaltError `pem-file-unusable`, `secret-file-loose` */
export function readKey(option: string, path: string): string {
  const text = readSecretFile(path)
  if (text === undefined)
    throw new TsaltError('pem-file-unusable', { option, path, reason: 'there is no such file' })
  if (!/-----BEGIN (?:\w+ )*PRIVATE KEY-----/.test(text))
    throw new TsaltError('pem-file-unusable', { option, path, reason: 'it is no private key in PEM' })
  return text
}

/** @returns what is wrong with it; undefined: nothing */
export function flawOf(text: string): string | undefined {
  if (text.includes('PRIVATE KEY')) return 'there is a private key in it'
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  if (blocks.length === 0) return 'there is no certificate in PEM in it'
  try {
    for (const block of blocks) new X509Certificate(block)
    return undefined
  } catch {
    return 'a certificate in it cannot be read'
  }
}

/** Where systems keep the certificates that they trust, with those that an administrator added. */
const bundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
]

/** @param named SSL_CERT_FILE. @returns undefined: none was found, and Node.js trusts those that it brings */
export function systemAuthorities(named: string | undefined): string | undefined {
  for (const path of named ? [named] : bundles) {
    try {
      return readFileSync(path, 'utf8')
    } catch {
      // Another system has it elsewhere.
    }
  }
  return undefined
}

function readText(option: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const reason =
      code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'permission denied' : message
    throw new TsaltError('pem-file-unusable', { option, path, reason }, { cause: error })
  }
}
