/** How a change of a file's content is told in Salt's words: `New file`, a unified diff, or a sentence instead of one. */
import { contentDiff } from '../../diff/content.ts'

/** Bytes of an existing file beyond which it is compared by digest and not shown. */
export const largestDiff = 4 * 1024 * 1024

export const hiddenDiff = '<show_changes=False>'

/**
 * @param before undefined for a new file, whose diff stands below Salt's words: a dry run shows what will be in it
 * @returns the value of `diff` in the state's changes
 */
export function describeContentChange(before: Uint8Array | undefined, after: Uint8Array): string {
  const diff = contentDiff(before, after)
  if (before) return diff
  return diff.startsWith('---') ? `New file\n${diff}` : 'New file'
}

export function tooLarge(before: number, after: number): string {
  return `Too large to show: ${before} bytes become ${after}`
}
