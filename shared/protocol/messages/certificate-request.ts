/**
 * Enrolment, the one path without a client certificate. The minion submits its request (again and again: it is
 * idempotent by key); while the answer is `pending` the socket may stay open and an `EnrolmentDecision` follows.
 */
import * as v from 'valibot'
import { minionId } from '../fields.ts'

const pem = v.pipe(v.string(), v.maxLength(16_384))

export const CertificateRequest = v.strictObject({
  id: minionId,
  request: pem,
  /** The secret half of a one-time join token. */
  token: v.optional(v.pipe(v.string(), v.maxLength(256))),
})
export type CertificateRequest = v.InferOutput<typeof CertificateRequest>

export const EnrolmentDecision = v.variant('state', [
  v.strictObject({ state: v.literal('pending') }),
  v.strictObject({ state: v.literal('accepted'), certificate: pem }),
  v.strictObject({ state: v.literal('rejected') }),
  /** The id is known with another key. */
  v.strictObject({ state: v.literal('denied') }),
])
export type EnrolmentDecision = v.InferOutput<typeof EnrolmentDecision>
