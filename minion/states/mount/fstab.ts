/** Lines of /etc/fstab and of the kernel's table of mounts. */
import { linesOf, textOf } from '../text-file.ts'

export interface FstabEntry {
  readonly device: string
  readonly point: string
  readonly type: string
  readonly options: string
  readonly dump: string
  readonly pass: string
}

/** Blanks in paths are written as \040. */
const decoded = (word: string): string =>
  word.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
const encoded = (word: string): string =>
  word.replace(/[ \t\\]/g, (mark) => `\\${mark.charCodeAt(0).toString(8).padStart(3, '0')}`)

export function parseEntry(line: string): FstabEntry | undefined {
  if (/^\s*(?:#|$)/.test(line)) return undefined
  const [device, point, type, options = 'defaults', dump = '0', pass = '0'] = line.trim().split(/\s+/)
  if (device === undefined || point === undefined || type === undefined) return undefined
  return { device: decoded(device), point: decoded(point), type, options, dump, pass }
}

export const entriesIn = (text: string): FstabEntry[] =>
  linesOf(text).flatMap((line) => parseEntry(line) ?? [])

const writeEntry = ({ device, point, type, options, dump, pass }: FstabEntry): string =>
  [encoded(device), encoded(point), type, options, dump, pass].join('\t')

/** Of swap, which has no place, the device tells one entry from another. */
export const isSameEntry = (a: FstabEntry, b: FstabEntry): boolean =>
  a.type === 'swap' || b.type === 'swap' ? a.type === b.type && a.device === b.device : a.point === b.point

export function withEntry(text: string, wanted: FstabEntry): string {
  const lines = linesOf(text)
  const at = lines.findIndex((line) => isEntry(line, wanted))
  return textOf(at < 0 ? [...lines, writeEntry(wanted)] : lines.with(at, writeEntry(wanted)))
}

export const withoutEntry = (text: string, gone: FstabEntry): string =>
  textOf(linesOf(text).filter((line) => !isEntry(line, gone)))

function isEntry(line: string, wanted: FstabEntry): boolean {
  const entry = parseEntry(line)
  return entry !== undefined && isSameEntry(entry, wanted)
}
