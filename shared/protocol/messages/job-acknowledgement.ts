/** Minion → master: the job is durably in the inbox. A repeated delivery is acknowledged again. */
import * as v from 'valibot'
import { jobId } from '../fields.ts'

export const JobAcknowledgement = v.strictObject({ jid: jobId })
export type JobAcknowledgement = v.InferOutput<typeof JobAcknowledgement>
