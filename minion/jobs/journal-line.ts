/** One line of the job journal: a checksum and JSON. A line that was cut off or damaged is told from a whole one. */
import { createHash } from 'node:crypto'
import type { Json } from '../../shared/data/codec.ts'

const newline = 10
const checksumLength = 16

export function encodeLine(record: Json): Uint8Array {
  const json = JSON.stringify(record)
  return Buffer.from(`${checksum(json)} ${json}\n`)
}

export interface JournalLine {
  readonly position: number
  /** Bytes, the line's end included. */
  readonly length: number
  /** undefined: damaged. */
  readonly record: Json | undefined
}

/** All lines of a journal. Bytes after the last line's end, the mark of a crash, come as one damaged line. */
export function decodeLines(bytes: Uint8Array): JournalLine[] {
  const lines: JournalLine[] = []
  let position = 0
  while (position < bytes.length) {
    const end = bytes.indexOf(newline, position)
    const next = end === -1 ? bytes.length : end + 1
    const record = end === -1 ? undefined : decodeLine(bytes.subarray(position, end))
    lines.push({ position, length: next - position, record })
    position = next
  }
  return lines
}

/** @param line without its end @returns undefined where the checksum does not fit */
export function decodeLine(line: Uint8Array): Json | undefined {
  const text = Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString('utf8')
  const json = text.slice(checksumLength + 1)
  if (text[checksumLength] !== ' ' || checksum(json) !== text.slice(0, checksumLength)) return undefined
  try {
    return JSON.parse(json) as Json
  } catch {
    // The checksum is right and the text is not JSON: nobody but a vandal writes that. Damaged all the same.
    return undefined
  }
}

function checksum(json: string): string {
  return createHash('sha256').update(json).digest('hex').slice(0, checksumLength)
}
