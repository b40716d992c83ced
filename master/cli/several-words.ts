/** Words typed after several functions, shared out among them as Salt does: `uptime , , foo` or `uptime,,foo`. */
import { TsaltError } from '../../shared/errors/error.ts'

export const usualSeparator = ','

/**
 * Where as many words are the separator as there are gaps between the functions, these divide, and all other words
 * stay as they are. Otherwise every separator within the words divides. No words at all: no function has arguments.
 * @returns the words of each function @throws TsaltError `usage-functions-apart`
 */
export function wordsOfEach(
  functions: readonly string[],
  words: readonly string[],
  separator: string,
): readonly (readonly string[])[] {
  if (words.length === 0) return functions.map(() => [])
  const alone = words.filter((word) => word === separator).length
  const parts = alone === functions.length - 1 ? partedByWords(words, separator) : parted(words, separator)
  if (parts.length === functions.length) return parts
  throw new TsaltError('usage-functions-apart', {
    functions: functions.length,
    parts: parts.length,
    understood: understood(functions, parts),
    separator,
  })
}

function partedByWords(words: readonly string[], separator: string): string[][] {
  const parts: string[][] = [[]]
  for (const word of words)
    if (word === separator) parts.push([])
    else parts.at(-1)?.push(word)
  return parts
}

function parted(words: readonly string[], separator: string): string[][] {
  const parts: string[][] = [[]]
  for (const word of words)
    for (const [index, piece] of word.split(separator).entries()) {
      if (index > 0) parts.push([])
      // An empty argument can be told from none only where no separator is in it.
      if (piece !== '' || !word.includes(separator)) parts.at(-1)?.push(piece)
    }
  return parts
}

const longest = 60

function understood(functions: readonly string[], parts: readonly (readonly string[])[]): string {
  const lines = Array.from({ length: Math.max(functions.length, parts.length) }, (_, index) => {
    const words = parts[index]
    const text = words === undefined ? 'nothing said' : words.length === 0 ? 'no arguments' : words.join(' ')
    const shown = text.length > longest ? `${text.slice(0, longest)}…` : text
    return `${functions[index] ?? 'no function'} ← ${shown}`
  })
  return lines.join('; ')
}
