/** Texts in the encodings that files may be in, and what becomes of letters that an encoding has not. */
import { choice, readText } from '../../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../../shared/schema/shaped.ts'

/** Names as Python takes them, without case, `-` and `_`. */
const singleByte: Readonly<Record<string, string>> = {
  iso885915: 'iso-8859-15',
  latin9: 'iso-8859-15',
  iso88592: 'iso-8859-2',
  latin2: 'iso-8859-2',
  iso88595: 'iso-8859-5',
  iso88597: 'iso-8859-7',
  iso88599: 'windows-1254',
  latin5: 'windows-1254',
  cp1250: 'windows-1250',
  cp1251: 'windows-1251',
  cp1252: 'windows-1252',
  windows1250: 'windows-1250',
  windows1251: 'windows-1251',
  windows1252: 'windows-1252',
  koi8r: 'koi8-r',
}
const wide = new Set(['utf16', 'utf16le', 'utf16be', 'utf8', 'utf8sig'])
const plainOnes: Readonly<Record<string, number>> = {
  ascii: 0x7f,
  usascii: 0x7f,
  latin1: 0xff,
  iso88591: 0xff,
}

const plain = (name: string): string => name.toLowerCase().replace(/[-_ ]/g, '')

export const encodingName = shaped<string>({
  words: 'encoding',
  json: { type: 'string' },
  read(value) {
    const name = readText(value)
    const known = name === undefined ? '?' : plain(name)
    return name !== undefined && (wide.has(known) || known in plainOnes || known in singleByte)
      ? name
      : new Mismatch(
          `an encoding is expected (utf-8, utf-16, ascii, iso-8859-1, iso-8859-15, cp1252, …), not ${describeValue(value)}`,
        )
  },
})
export const encodingErrors = choice(['strict', 'ignore', 'replace', 'backslashreplace', 'xmlcharrefreplace'])
export type EncodingErrors = 'strict' | 'ignore' | 'replace' | 'backslashreplace' | 'xmlcharrefreplace'

/** @returns a text: which letter the encoding has not */
export function encodeText(text: string, encoding: string, errors: EncodingErrors): Uint8Array | string {
  const name = plain(encoding)
  if (name === 'utf8') return Buffer.from(text, 'utf8')
  if (name === 'utf8sig') return Buffer.from(`\ufeff${text}`, 'utf8')
  if (name === 'utf16le') return Buffer.from(text, 'utf16le')
  if (name === 'utf16') return Buffer.from(`\ufeff${text}`, 'utf16le')
  if (name === 'utf16be') return Buffer.from(text, 'utf16le').swap16()
  return encodeBytes(text, byteOf(name), encoding, errors)
}

type ByteOf = (letter: string) => number | undefined

function byteOf(name: string): ByteOf {
  const last = plainOnes[name]
  if (last !== undefined)
    return (letter) => ((letter.codePointAt(0) ?? 0) <= last ? letter.codePointAt(0) : undefined)
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
  const letters = new TextDecoder(singleByte[name]).decode(bytes)
  const table = new Map([...letters].map((letter, index) => [letter, index]))
  return (letter) => table.get(letter)
}

function encodeBytes(
  text: string,
  of: ByteOf,
  encoding: string,
  errors: EncodingErrors,
): Uint8Array | string {
  const bytes: number[] = []
  for (const letter of text) {
    const byte = of(letter)
    if (byte !== undefined) bytes.push(byte)
    else if (errors === 'strict') {
      const code = (letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
      return `"${letter}" (U+${code}) cannot be written in ${encoding}`
    } else for (const other of instead(letter, errors)) bytes.push(other.charCodeAt(0))
  }
  return Uint8Array.from(bytes)
}

function instead(letter: string, errors: EncodingErrors): string {
  const code = letter.codePointAt(0) ?? 0
  if (errors === 'replace') return '?'
  if (errors === 'xmlcharrefreplace') return `&#${code};`
  if (errors !== 'backslashreplace') return ''
  const hex = code.toString(16)
  return code <= 0xff
    ? `\\x${hex.padStart(2, '0')}`
    : code <= 0xffff
      ? `\\u${hex.padStart(4, '0')}`
      : `\\U${hex.padStart(8, '0')}`
}
