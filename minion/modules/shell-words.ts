/** A command line taken apart into words as a POSIX shell quotes them, with nothing expanded. */
import { TsaltError } from '../../shared/errors/error.ts'

/** @throws TsaltError `command-not-started` where a quotation does not end */
export function shellWords(command: string): string[] {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (let at = 0; at < command.length; at++) {
    const character = command.charAt(at)
    const next = command.charAt(at + 1)
    if (quote === "'" || (quote === '"' && character !== '\\')) {
      if (character === quote) quote = ''
      else word += character
    } else if (character === '\\') {
      // Between double quotes only a quote and a backslash are escaped.
      const escaped = quote === '' || next === '"' || next === '\\'
      word = `${word ?? ''}${escaped ? next : character}`
      if (escaped) at += 1
    } else if (character === '"' || character === "'") {
      quote = character
      word ??= ''
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = `${word ?? ''}${character}`
  }
  if (quote !== '')
    throw new TsaltError('command-not-started', { command, reason: 'a quotation does not end' })
  if (word !== undefined) words.push(word)
  return words
}
