/** What a program that failed says of it, for the comment of a state: never nothing, and never a page of it. */
import type { CommandResult } from '../system/reader.ts'

const mostLines = 20
const mostCharacters = 2000

/** @returns the end of what it wrote, where reasons stand; how it ended where it wrote nothing */
export function saidBy({
  code,
  stderr,
  stdout = '',
}: Pick<CommandResult, 'code' | 'stderr'> & Partial<CommandResult>): string {
  const written = stderr.trim() || stdout.trim()
  if (written === '')
    return code > 128
      ? `it was ended by the signal ${code - 128}, as after too long a time, and said nothing`
      : `it ended with ${code} and said nothing`
  const lines = written.split('\n')
  const end = lines.slice(-mostLines).join('\n').slice(-mostCharacters)
  return end.length < written.length ? `…${end}` : end
}
