/** The port through which renderers open encrypted texts. Only who compiles pillars has one. */
export type Cipher = 'gpg' | 'age'

export interface Ciphers {
  /**
   * The clear text of one encrypted block.
   * @throws TsaltError `cipher-…`, without a place
   */
  open(cipher: Cipher, block: string): Promise<string>
}

const blocks: Readonly<Record<Cipher, RegExp>> = {
  gpg: /-----BEGIN PGP MESSAGE-----.*?-----END PGP MESSAGE-----/gs,
  // Armour, or the whole of a file in one line of base64: every such file begins with the same words.
  age: /-----BEGIN AGE ENCRYPTED FILE-----.*?-----END AGE ENCRYPTED FILE-----|\bYWdlLWVuY3J5cHRpb24ub3JnL3Yx[A-Za-z0-9+/]+={0,2}/gs,
}

/** Where the encrypted blocks of a text are. */
export function blocksIn(cipher: Cipher, text: string): readonly { at: number; block: string }[] {
  if (cipher === 'gpg' && !text.includes('-----BEGIN PGP MESSAGE-----')) return []
  return [...text.matchAll(blocks[cipher])].map((match) => ({ at: match.index, block: match[0] }))
}
