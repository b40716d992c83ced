/** Master → minion: end a job. Its process groups get the signal; KILL follows TERM after ten seconds. */
import * as v from 'valibot'
import { jobId } from '../fields.ts'

export const JobKill = v.strictObject({ jid: jobId, signal: v.picklist(['TERM', 'KILL']) })
export type JobKill = v.InferOutput<typeof JobKill>
