/** `source_hash` of file.managed: `sha256=…`, a bare digest, or a file that lists digests. */
import { createHash } from 'node:crypto'
import { basename } from 'node:path'

const algorithmsByLength: Readonly<Record<number, string>> = {
  32: 'md5',
  40: 'sha1',
  56: 'sha224',
  64: 'sha256',
  96: 'sha384',
  128: 'sha512',
}

export interface Digest {
  readonly algorithm: string
  readonly hex: string
}

/** `sha256=HEX`, `md5:HEX`, or bare hex, told apart by its length. */
export function parseDigest(text: string): Digest | undefined {
  const match = /^(?:(md5|sha1|sha224|sha256|sha384|sha512)[=:])?([0-9a-fA-F]{32,128})$/.exec(text.trim())
  const hex = match?.[2]?.toLowerCase()
  if (hex === undefined) return undefined
  const byLength = algorithmsByLength[hex.length]
  const algorithm = match?.[1] ?? byLength
  return algorithm === undefined || algorithm !== byLength ? undefined : { algorithm, hex }
}

/** What a list of digests may say of a source. */
export interface ListedNames {
  /** `source_hash_name`: no other name will do. */
  readonly given?: string | undefined
  /** The file that is written, and the source that it comes from. */
  readonly others: readonly string[]
}

/** @returns the digest, or what is wrong */
export async function resolveDigest(
  expected: string,
  names: ListedNames,
  fetchList: (url: string) => Promise<string>,
): Promise<Digest | string> {
  const digest = parseDigest(expected)
  if (digest) return digest
  if (!/^(?:salt:\/\/|https?:\/\/|file:\/\/\/|\/)/.test(expected))
    return `source_hash "${expected}" is neither a digest (sha256=…) nor the URL or path of a file that lists digests`
  const wanted = names.given === undefined ? names.others.map((name) => basename(name)) : [names.given]
  const found = findDigest(await fetchList(expected), wanted)
  return found ?? `${expected} has no digest for ${[...new Set(wanted)].join(' or ')}`
}

/** @returns what is wrong, or undefined where the content has the digest */
export function checkDigest(
  digest: Digest,
  url: string,
  source: { readonly content: Uint8Array; readonly sha256: string },
): string | undefined {
  const { algorithm, hex } = digest
  const actual =
    algorithm === 'sha256' ? source.sha256 : createHash(algorithm).update(source.content).digest('hex')
  return actual === hex ? undefined : mismatch(digest, url, actual)
}

const mismatch = ({ algorithm, hex }: Digest, url: string, actual: string): string =>
  `${url} has the ${algorithm} ${actual}, but source_hash wants ${hex}`

/**
 * Lines of sha256sum (`HEX  name`), of BSD (`SHA256 (name) = HEX`) and of Debian (` HEX 123 name`). Of names that are
 * listed, the earlier wanted one counts, and of its digests the longest; a file with nothing but one digest counts for
 * any name.
 */
function findDigest(text: string, wanted: readonly string[]): Digest | undefined {
  const listed = new Map<string, Digest>()
  let only: Digest | undefined
  for (const line of text.split('\n')) {
    const words = line.split(/[\s()=*]+/).filter((word) => word !== '')
    const digest = words.map(parseDigest).find((one) => one !== undefined)
    if (!digest) continue
    if (words.length === 1) only ??= digest
    for (const name of wanted) {
      if (!words.some((word) => word === name || word.endsWith(`/${name}`))) continue
      if ((listed.get(name)?.hex.length ?? 0) < digest.hex.length) listed.set(name, digest)
    }
  }
  for (const name of wanted) if (listed.has(name)) return listed.get(name)
  return only
}
