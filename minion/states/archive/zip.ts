/** Reads a zip archive by its directory: stored and deflated files, and links as Unix writes them. */
import { inflateRawSync } from 'node:zlib'
import { type ArchiveEntry, safePath } from './entry.ts'

const nothing = new Uint8Array()
const symlink = 0o120000

/** @throws TsaltError `archive-unsafe`; Error with the reason where it is no zip */
export function readZip(data: Uint8Array, archive: string, most: number): ArchiveEntry[] {
  const all = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  const end = all.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  if (end < 0) throw new Error('it has no directory, so it is no zip or is cut off')
  const count = all.readUInt16LE(end + 10)
  let at = all.readUInt32LE(end + 16)
  let left = most
  const entries: ArchiveEntry[] = []
  for (let index = 0; index < count; index++) {
    if (all.readUInt32LE(at) !== 0x02014b50)
      throw new Error('its directory is damaged, or it is larger than 4 GiB')
    const [nameLength, extra, comment] = [
      all.readUInt16LE(at + 28),
      all.readUInt16LE(at + 30),
      all.readUInt16LE(at + 32),
    ]
    const name = all.subarray(at + 46, at + 46 + nameLength).toString('utf8')
    const made = all.readUInt8(at + 5)
    const attributes = all.readUInt32LE(at + 38) >>> 16
    const path = safePath(name.replaceAll('\\', '/'), archive)
    const isUnix = made === 3 && attributes !== 0
    const mode = isUnix ? attributes & 0o777 : name.endsWith('/') ? 0o755 : 0o644
    const content = name.endsWith('/') ? nothing : contentOf(all, at, left, path)
    left -= content.length
    const base = { path, mode, content, target: '' }
    if (path === '') {
      // The place of extraction itself.
    } else if (name.endsWith('/')) entries.push({ ...base, type: 'directory' })
    else if (isUnix && (attributes & 0o170000) === symlink)
      entries.push({
        ...base,
        type: 'symlink',
        content: nothing,
        target: Buffer.from(content).toString('utf8'),
      })
    else entries.push({ ...base, type: 'file' })
    at += 46 + nameLength + extra + comment
  }
  return entries
}

function contentOf(all: Buffer, at: number, most: number, path: string): Uint8Array {
  if (all.readUInt16LE(at + 8) & 1) throw new Error(`${path} is encrypted`)
  const method = all.readUInt16LE(at + 10)
  const size = all.readUInt32LE(at + 20)
  const local = all.readUInt32LE(at + 42)
  const start = local + 30 + all.readUInt16LE(local + 26) + all.readUInt16LE(local + 28)
  const packed = all.subarray(start, start + size)
  if (method === 0) return packed
  if (method === 8) return inflateRawSync(packed, { maxOutputLength: Math.max(most, 1) })
  throw new Error(`${path} is packed in a way that is not known (${method})`)
}
