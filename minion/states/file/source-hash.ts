/** `source_hash` of file.managed: `sha256=…`, a bare digest, or a file that lists digests. */
import { basename } from 'node:path'

const algorithmsByLength: Readonly<Record<number, string>> = {
  32: 'md5',
  40: 'sha1',
  56: 'sha224',
  64: 'sha256',
  96: 'sha384',
  128: 'sha512',
}

interface Digest {
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

/** @returns what is wrong, or undefined where the source has the digest */
export async function checkSourceHash(
  expected: string,
  url: string,
  hashOf: (algorithm: string) => string,
  list: { readonly name?: string | undefined; fetch(url: string): Promise<string> },
): Promise<string | undefined> {
  let digest = parseDigest(expected)
  if (!digest) {
    if (!expected.startsWith('salt://') && !expected.startsWith('/'))
      return `source_hash "${expected}" is neither a digest (sha256=…) nor a salt:// file or path that lists digests`
    digest = findDigest(await list.fetch(expected), list.name ?? basename(url))
    if (!digest) return `${expected} has no digest for ${list.name ?? basename(url)}`
  }
  const actual = hashOf(digest.algorithm)
  if (actual === digest.hex) return undefined
  return `${url} has the ${digest.algorithm} ${actual}, but source_hash wants ${digest.hex}`
}

/** Lines as sha256sum writes them; a file that has nothing but one digest counts for any name. */
function findDigest(text: string, name: string): Digest | undefined {
  let only: Digest | undefined
  for (const line of text.split('\n')) {
    const [first = '', second] = line.trim().split(/\s+\*?/)
    const digest = parseDigest(first)
    if (!digest) continue
    if (second !== undefined && basename(second) === name) return digest
    if (second === undefined) only ??= digest
  }
  return only
}
