/** The key that signs a repository: fetched, taken out of its armour where the file wants bytes, and put in its place. */
import { TsaltError } from '../../../shared/errors/error.ts'
import type { Reader } from '../../system/reader.ts'
import type { StateRun } from '../contract.ts'
import { fetchSource } from '../file/fetch-source.ts'
import { keyDigits } from './key-id.ts'

export interface KeyWish {
  readonly key_url?: string
  readonly key_text?: string
  readonly keyid?: readonly string[]
  readonly keyserver?: string
}

export interface RepositoryKey {
  readonly path: string
  readonly content: Uint8Array
}

/** @param path of the key ring; `.asc` holds it in armour, any other as bytes */
export async function wantedKey(
  wish: KeyWish,
  path: string,
  look: Reader,
  run: StateRun,
): Promise<RepositoryKey | undefined> {
  const found = await keyContent(wish, look, run)
  if (found === undefined) return undefined
  const armoured = isArmoured(found)
  if (path.endsWith('.asc')) {
    if (!armoured)
      throw new TsaltError(
        'repository-key-invalid',
        { key: sourceOf(wish), reason: 'it is binary, but its file ends in .asc' },
        { hint: 'Name a file that ends in .gpg.' },
      )
    return { path, content: found }
  }
  return { path, content: armoured ? withoutArmour(found, wish) : binaryKey(found, wish) }
}

const sourceOf = ({ key_url, keyid }: KeyWish): string => key_url ?? keyid?.join(', ') ?? 'key_text'

async function keyContent(wish: KeyWish, look: Reader, run: StateRun): Promise<Uint8Array | undefined> {
  if (wish.key_text !== undefined) return Buffer.from(wish.key_text, 'utf8')
  if (wish.key_url !== undefined) return (await fetchSource(wish.key_url, look, run)).content
  if (wish.keyid === undefined) return undefined
  const keys: Uint8Array[] = []
  for (const id of wish.keyid) {
    const server = (wish.keyserver ?? 'keyserver.ubuntu.com')
      .replace(/^hkps?:\/\//, '')
      .replace(/^https?:\/\//, '')
      .replace(/:\d+$|\/+$/g, '')
    keys.push(
      (
        await fetchSource(
          `https://${server}/pks/lookup?op=get&options=mr&search=0x${keyDigits(id)}`,
          look,
          run,
        )
      ).content,
    )
  }
  return Buffer.concat(keys.map((key) => (isArmoured(key) ? withoutArmour(key, wish) : key)))
}

const begin = '-----BEGIN PGP PUBLIC KEY BLOCK-----'
const isArmoured = (content: Uint8Array): boolean => Buffer.from(content).includes(begin)

/** Every block of the text, one after the other, as apt reads a key ring. */
function withoutArmour(content: Uint8Array, wish: KeyWish): Uint8Array {
  const text = Buffer.from(content).toString('latin1').replace(/\r/g, '')
  const blocks = [
    ...text.matchAll(/-----BEGIN PGP PUBLIC KEY BLOCK-----\n([\s\S]*?)-----END PGP PUBLIC KEY BLOCK-----/g),
  ]
  const bytes = blocks.map(([, block = '']) => {
    // Headers have a colon and the checksum begins with "=": neither is a line of base64.
    const lines = block.split('\n').map((line) => line.trim())
    const base64 = lines.filter((line) => /^[A-Za-z0-9+/]+={0,2}$/.test(line)).join('')
    return Buffer.from(base64, 'base64')
  })
  return binaryKey(Buffer.concat(bytes), wish)
}

/** A public key packet (tag 6), in either format of packet headers. */
function binaryKey(content: Uint8Array, wish: KeyWish): Uint8Array {
  const first = content[0] ?? 0
  const tag = (first & 0xc0) === 0xc0 ? first & 0x3f : (first & 0x3c) >> 2
  if ((first & 0x80) !== 0 && tag === 6) return content
  throw new TsaltError('repository-key-invalid', {
    key: sourceOf(wish),
    reason: 'it holds no public key of OpenPGP',
  })
}
