/** How a change of content is told: a unified diff of text, a sentence for binaries and for secrets. */
import { createHash } from 'node:crypto'
import { type DiffLimits, unifiedDiff } from '../../shared/diff/unified.ts'

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** undefined: binary, which is a NUL byte in the first 8 KiB, or what is not UTF-8. */
export function textOf(content: Uint8Array): string | undefined {
  if (content.subarray(0, 8_192).includes(0)) return undefined
  try {
    return decoder.decode(content)
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

/**
 * @param before undefined: nothing was there
 * @param options `secret`: neither side is shown, only that they differ
 * @returns '' where nothing changed
 */
export function contentDiff(
  before: Uint8Array | undefined,
  after: Uint8Array,
  options: DiffLimits & { readonly secret?: boolean } = {},
): string {
  if (before && Buffer.compare(before, after) === 0) return ''
  if (options.secret) return secretChange(before, after)
  const old = before === undefined ? '' : textOf(before)
  const wanted = textOf(after)
  if (old !== undefined && wanted !== undefined) return unifiedDiff(old, wanted, options)
  if (old === undefined && wanted === undefined) return 'Replace binary file'
  return old === undefined ? 'Replace binary file with text file' : 'Replace text file with binary file'
}

/** Twelve digits tell two contents apart, and help nobody to guess a long one. */
function secretChange(before: Uint8Array | undefined, after: Uint8Array): string {
  return `--- secret content changed (sha256 ${before ? shortHash(before) : 'none'}→${shortHash(after)})\n`
}

function shortHash(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 12)
}
