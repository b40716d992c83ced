/** `str.encode`: the encodings that templates ask for. */
import { PyError } from '../values.ts'

const highest: Readonly<Record<string, number>> = { ascii: 0x7f, latin1: 0xff }
const sameAs: Readonly<Record<string, string>> = { 'us-ascii': 'ascii', 'latin-1': 'latin1', 'iso-8859-1': 'latin1', utf8: 'utf-8', u8: 'utf-8', utf: 'utf-8' } // biome-ignore format: a table

/** @throws PyError where a character has no bytes in the encoding */
export function encode(text: string, encoding: string): Uint8Array {
  const plain = encoding.toLowerCase().replaceAll('_', '-')
  const name = sameAs[plain] ?? plain
  if (name === 'utf-8') return new TextEncoder().encode(text)
  const most = highest[name]
  if (most === undefined)
    throw new PyError('ValueError', `unknown encoding: ${encoding}`, 'Use utf-8, latin-1 or ascii.')
  return Uint8Array.from(text, (character) => {
    const code = character.codePointAt(0) ?? 0
    if (code > most)
      throw new PyError('ValueError', `'${name}' codec can't encode the character "${character}"`)
    return code
  })
}
