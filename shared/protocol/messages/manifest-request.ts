/**
 * Minion → master: what changed in an environment's tree since the manifest that I have. The answer's attachment
 * holds, one after another, the blobs named in `blobs` (small changed files), so that one round trip brings a run.
 */
import * as v from 'valibot'
import { count, environment, sha256, treePath } from '../fields.ts'

export const ManifestRequest = v.strictObject({
  environment,
  /** Hash of the manifest that the minion holds for this environment. */
  have: v.optional(sha256),
  /** Hash wanted (from the job); another answer comes where the master's tree has moved on. */
  want: v.optional(sha256),
})
export type ManifestRequest = v.InferOutput<typeof ManifestRequest>

/** Path, content hash, size in bytes, mode (permission bits; 0o120000 set for a symlink, whose blob is its target). */
export const ManifestEntry = v.tuple([treePath, sha256, count, count])
export type ManifestEntry = v.InferOutput<typeof ManifestEntry>

export const ManifestDelta = v.strictObject({
  hash: sha256,
  /** The manifest that this is a difference to; absent: `put` is all. */
  base: v.optional(sha256),
  put: v.array(ManifestEntry),
  drop: v.array(treePath),
  blobs: v.array(v.tuple([sha256, count])),
})
export type ManifestDelta = v.InferOutput<typeof ManifestDelta>
