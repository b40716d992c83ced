/** Opens an archive: its format by name or argument, its compression by its first bytes. */
import { gunzipSync } from 'node:zlib'
import { isTsaltError, TsaltError } from '../../../shared/errors/error.ts'
import type { Reader } from '../../system/reader.ts'
import { type ArchiveEntry, refuseUnsafe, stripped } from './entry.ts'
import { readTar } from './tar.ts'
import { readZip } from './zip.ts'

export type ArchiveFormat = 'tar' | 'zip'

/** Bytes of all files of an archive; a bomb stops here. */
const mostBytes = 2 * 1024 * 1024 * 1024 - 1

export function formatOf(name: string): ArchiveFormat | undefined {
  const bare = name.replace(/[?#].*$/, '').toLowerCase()
  if (/\.(?:tar|tgz|tbz2?|txz|tlz|tzst)$|\.tar\.(?:gz|bz2|xz|lzma|zst|z)$/.test(bare)) return 'tar'
  return /\.(?:zip|jar|war)$/.test(bare) ? 'zip' : undefined
}

/** @throws TsaltError `archive-unsafe`, `archive-invalid` */
export async function openArchive(
  {
    archive,
    content,
    format,
    strip,
  }: {
    readonly archive: string
    readonly content: Uint8Array
    readonly format: ArchiveFormat
    readonly strip: number
  },
  look: Reader,
): Promise<ArchiveEntry[]> {
  try {
    const all =
      format === 'zip'
        ? readZip(content, archive, mostBytes)
        : readTar(await unpacked(content, look), archive)
    const entries = stripped(all, strip)
    refuseUnsafe(entries, archive)
    return entries
  } catch (error) {
    if (isTsaltError(error)) throw error
    throw new TsaltError('archive-invalid', {
      archive,
      format,
      reason: error instanceof Error ? error.message : String(error),
    })
  }
}

const unpackers: readonly { readonly magic: readonly number[]; readonly program: string }[] = [
  { magic: [0x42, 0x5a, 0x68], program: 'bzip2' },
  { magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a], program: 'xz' },
  { magic: [0x5d, 0x00, 0x00], program: 'xz' },
  { magic: [0x28, 0xb5, 0x2f, 0xfd], program: 'zstd' },
]

async function unpacked(content: Uint8Array, look: Reader): Promise<Uint8Array> {
  if (content[0] === 0x1f && content[1] === 0x8b) return gunzipSync(content, { maxOutputLength: mostBytes })
  const unpacker = unpackers.find(({ magic }) => magic.every((byte, index) => content[index] === byte))
  if (!unpacker) return content
  const { program } = unpacker
  if ((await look.commands.which(program)) === undefined)
    throw new Error(`it needs the program ${program}, which is not installed`)
  // What a command prints is text here, so its bytes come in base64.
  const result = await look.commands.query(['sh', '-c', `${program} -dc | base64 -w0`], {
    stdin: content,
    maxOutput: mostBytes / 4,
    timeout: 600_000,
  })
  if (result.dropped > 0) throw new Error('it is too large')
  if (result.code !== 0 || result.stderr !== '') throw new Error(`${program}: ${result.stderr.trim()}`)
  return Buffer.from(result.stdout, 'base64')
}
