/** A minion asks for a new certificate over its live connection, for the same or a new key. */
import * as v from 'valibot'

const pem = v.pipe(v.string(), v.maxLength(16_384))

export const CertificateRenewal = v.strictObject({ request: pem })
export type CertificateRenewal = v.InferOutput<typeof CertificateRenewal>

export const RenewedCertificate = v.strictObject({ certificate: pem })
export type RenewedCertificate = v.InferOutput<typeof RenewedCertificate>
