/** Minion → master: a part of a file of mine that an operator asked for. The attachment is the part; none: no bytes. */
import * as v from 'valibot'
import { count, treePath } from '../fields.ts'

/** Bytes of a part at most. */
export const largestPart = 1024 * 1024

export const FilePush = v.strictObject({
  /** The same in all parts of a file, and in no other's. */
  push: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
  /** Where it is kept, below the folder of this minion. */
  path: treePath,
  offset: count,
  /** Of the whole file. */
  size: count,
})
export type FilePush = v.InferOutput<typeof FilePush>

/** `complete`: it is there, whole; before that the master keeps parts. */
export const FilePushed = v.strictObject({ complete: v.boolean() })
export type FilePushed = v.InferOutput<typeof FilePushed>
