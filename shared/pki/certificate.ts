/** Reads certificates: whom one is for, its serial, whether our CA issued it. OpenSSL does the parsing. */
import { X509Certificate } from 'node:crypto'
import { TsaltError } from '../errors/error.ts'
import { oids, type Role, roleOfUri } from './distinguished.ts'

export type { Role } from './distinguished.ts'

/** @param what for the error: the path of the file @throws TsaltError `certificate-invalid` */
export function certificateFromPem(pem: string, what: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch (cause) {
    throw new TsaltError('certificate-invalid', { what, reason: 'it does not parse' }, { cause })
  }
}

/**
 * The role of a leaf certificate: its one alternative name and its one extended key usage must say the same.
 * A minion's certificate is therefore worth nothing as a master's. Says nothing about who issued it.
 */
export function roleOf(certificate: X509Certificate): Role | undefined {
  if (certificate.ca) return undefined
  // Several names would be joined by ", "; no role's URI has a comma in it.
  const role = roleOfUri(certificate.subjectAltName?.replace(/^URI:/, '') ?? '')
  // keyUsage of node:crypto is the extended one.
  const usages = certificate.keyUsage ?? []
  const wanted = role?.role === 'master' ? oids.serverAuth : oids.clientAuth
  return usages.length === 1 && usages[0] === wanted ? role : undefined
}

/** 32 lower-case hex digits. */
export function serialOf(certificate: X509Certificate): string {
  return certificate.serialNumber.toLowerCase().padStart(32, '0')
}

/** Whether the CA's key signed it, whatever its dates. */
export function isIssuedBy(certificate: X509Certificate, authority: X509Certificate): boolean {
  return certificate.checkIssued(authority) && certificate.verify(authority.publicKey)
}

/** Milliseconds since the epoch. */
export function validityOf(certificate: X509Certificate): { notBefore: number; notAfter: number } {
  return { notBefore: Date.parse(certificate.validFrom), notAfter: Date.parse(certificate.validTo) }
}

/** When to renew: at two thirds of the life, counted from the start. Milliseconds since the epoch. */
export function renewalTime(certificate: X509Certificate): number {
  const { notBefore, notAfter } = validityOf(certificate)
  return notBefore + ((notAfter - notBefore) * 2) / 3
}
