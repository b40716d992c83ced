/** Field schemas that several messages share. */
import * as v from 'valibot'
import { isEncoded, type Json } from '../data/codec.ts'
import { isJobId, isMinionId, isSha256, type JobId, type MinionId, type Sha256 } from '../ids.ts'

export const minionId = v.custom<MinionId>(
  (input) => typeof input === 'string' && isMinionId(input),
  'not a minion id',
)
export const jobId = v.custom<JobId>((input) => typeof input === 'string' && isJobId(input), 'not a job id')
export const sha256 = v.custom<Sha256>(
  (input) => typeof input === 'string' && isSha256(input),
  'not a SHA-256',
)
/** Milliseconds since the epoch. */
export const wallTime = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
export const shortText = v.pipe(v.string(), v.maxLength(1024))
/** A name of a file-server environment: `base`. */
export const environment = v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/))
/** `module.function` */
export const functionName = v.pipe(
  v.string(),
  v.regex(/^[a-z_][a-z0-9_]*\.[a-z_][a-z0-9_]*$/i),
  v.maxLength(128),
)
/** What a job calls: one function, or several with commas between them, see shared/several-functions.ts. */
export const jobFunctions = v.pipe(
  v.string(),
  v.regex(/^[a-z_][a-z0-9_]*\.[a-z_][a-z0-9_]*(?:,[a-z_][a-z0-9_]*\.[a-z_][a-z0-9_]*){0,63}$/i),
  v.maxLength(4096),
)
/** A Value in the JSON form of shared/data/codec.ts. */
export const encodedValue = v.custom<Json>((input) => isEncoded(input as Json), 'not an encoded value')
/** A path in a file root: relative, `/`-separated, without `.` or `..` steps, NUL or backslash at its start. */
export const treePath = v.pipe(
  v.string(),
  v.maxLength(4096),
  v.check((path) => isTreePath(path), 'not a path in a tree'),
)

export function isTreePath(path: string): boolean {
  return (
    path !== '' &&
    !path.includes('\0') &&
    path.split('/').every((step) => step !== '' && step !== '.' && step !== '..')
  )
}
