/** Reads a tar archive: ustar, the long names of GNU, and the records of pax. */
import { type ArchiveEntry, safePath } from './entry.ts'

const block = 512
const nothing = new Uint8Array()

interface Header {
  readonly name: string
  readonly mode: number
  readonly size: number
  readonly type: string
  readonly link: string
}

/** @throws TsaltError `archive-unsafe`; Error with the reason where it is no tar */
export function readTar(data: Uint8Array, archive: string): ArchiveEntry[] {
  const entries: ArchiveEntry[] = []
  const contents = new Map<string, Uint8Array>()
  let long: { path?: string; link?: string } = {}
  let at = 0
  while (at + block <= data.length) {
    const header = readHeader(data.subarray(at, at + block))
    if (header === undefined) break
    const start = at + block
    if (start + header.size > data.length) throw new Error('it ends in the middle of a file')
    const content = data.subarray(start, start + header.size)
    at = start + Math.ceil(header.size / block) * block
    if (header.type === 'x' || header.type === 'g')
      long = header.type === 'x' ? { ...long, ...paxRecords(content) } : long
    else if (header.type === 'L') long.path = textOf(content)
    else if (header.type === 'K') long.link = textOf(content)
    else {
      const path = safePath(long.path ?? header.name, archive)
      const entry = entryOf({ ...header, link: long.link ?? header.link }, path, content, contents, archive)
      long = {}
      if (entry.type === 'file') contents.set(path, entry.content)
      if (path !== '') entries.push(entry)
    }
  }
  return entries
}

function entryOf(
  header: Header,
  path: string,
  content: Uint8Array,
  contents: ReadonlyMap<string, Uint8Array>,
  archive: string,
): ArchiveEntry {
  const { mode, type, link } = header
  const base = { path, mode: mode & 0o777, content: nothing, target: '' }
  if (type === '5' || header.name.endsWith('/')) return { ...base, type: 'directory' }
  if (type === '2') return { ...base, type: 'symlink', target: link }
  if (type === '1') {
    // A hard link is a second file with the content of one that came before.
    const linked = contents.get(safePath(link, archive))
    if (!linked) throw new Error(`${path} is a hard link to ${link}, which did not come before it`)
    return { ...base, type: 'file', content: linked }
  }
  if (type === '0' || type === '\0' || type === '7' || type === '') return { ...base, type: 'file', content }
  throw new Error(`${path} is a device, a pipe or something else that is not extracted (type ${type})`)
}

/** undefined: the block of zeros at the end. */
function readHeader(raw: Uint8Array): Header | undefined {
  if (raw.every((byte) => byte === 0)) return undefined
  const sum = raw.reduce((all, byte, index) => all + (index >= 148 && index < 156 ? 32 : byte), 0)
  if (sum !== number(raw.subarray(148, 156))) throw new Error('a checksum is wrong, or it is no tar')
  const text = (from: number, length: number): string => textOf(raw.subarray(from, from + length))
  const prefix = text(257, 5) === 'ustar' && raw[263] !== 0x20 ? text(345, 155) : ''
  const name = text(0, 100)
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    mode: number(raw.subarray(100, 108)),
    size: number(raw.subarray(124, 136)),
    type: String.fromCharCode(raw[156] ?? 0),
    link: text(157, 100),
  }
}

function textOf(raw: Uint8Array): string {
  const end = raw.indexOf(0)
  return Buffer.from(end < 0 ? raw : raw.subarray(0, end)).toString('utf8')
}

/** Octal digits, or (for large files) the bytes of the number behind a byte of 0x80. */
function number(raw: Uint8Array): number {
  if ((raw[0] ?? 0) & 0x80) return raw.subarray(1).reduce((value, byte) => value * 256 + byte, 0)
  const value = Number.parseInt(textOf(raw).trim() || '0', 8)
  if (!Number.isSafeInteger(value)) throw new Error('a number is wrong, or it is no tar')
  return value
}

/** `LENGTH key=value\n`, one after the other. */
function paxRecords(content: Uint8Array): { path?: string; link?: string } {
  const found: { path?: string; link?: string } = {}
  const text = Buffer.from(content)
  for (let at = 0; at < text.length; ) {
    const blank = text.indexOf(0x20, at)
    const length = Number(text.subarray(at, blank).toString('latin1'))
    if (blank < 0 || !Number.isSafeInteger(length) || length <= 0) break
    const record = text.subarray(blank + 1, at + length - 1).toString('utf8')
    const equals = record.indexOf('=')
    const key = record.slice(0, equals)
    if (key === 'path') found.path = record.slice(equals + 1)
    if (key === 'linkpath') found.link = record.slice(equals + 1)
    at += length
  }
  return found
}
