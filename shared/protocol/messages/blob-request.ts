/** Minion → master: contents by hash, each whole or a slice. The answer's attachment holds them one after another. */
import * as v from 'valibot'
import { count, environment, sha256 } from '../fields.ts'

const slice = v.strictObject({ sha256, offset: count, length: count })

export const BlobRequest = v.strictObject({
  environment,
  slices: v.pipe(v.array(slice), v.minLength(1), v.maxLength(4096)),
})
export type BlobRequest = v.InferOutput<typeof BlobRequest>

/** In the order asked; `size` is the whole blob's, -1 where the master has none of that hash any more. */
export const Blobs = v.strictObject({
  slices: v.array(
    v.strictObject({ sha256, length: count, size: v.pipe(v.number(), v.safeInteger(), v.minValue(-1)) }),
  ),
})
export type Blobs = v.InferOutput<typeof Blobs>
