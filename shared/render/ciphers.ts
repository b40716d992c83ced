/** The port through which renderers open encrypted texts. Only who compiles pillars has one. */
export type Cipher = 'gpg' | 'age'

export interface Ciphers {
  /**
   * The clear text of one encrypted block.
   * @throws TsaltError `cipher-…`, without a place
   */
  open(cipher: Cipher, block: string): Promise<string>
}

const frames: Readonly<Record<Cipher, readonly [begin: string, end: string]>> = {
  gpg: ['-----BEGIN PGP MESSAGE-----', '-----END PGP MESSAGE-----'],
  age: ['-----BEGIN AGE ENCRYPTED FILE-----', '-----END AGE ENCRYPTED FILE-----'],
}

/** The whole of an age file in one line of base64: every such file begins with the same words. */
const oneLine = /\bYWdlLWVuY3J5cHRpb24ub3JnL3Yx[A-Za-z0-9+/]+={0,2}/g

interface Block {
  readonly at: number
  readonly block: string
}

/** Where the encrypted blocks of a text are. */
export function blocksIn(cipher: Cipher, text: string): readonly Block[] {
  const framed = framedIn(text, ...frames[cipher])
  if (cipher === 'gpg') return framed
  let next = 0
  /** Asked in the order of the text. */
  const isInside = (at: number): boolean => {
    while (next < framed.length && endOf(framed[next]) <= at) next++
    return (framed[next]?.at ?? Number.POSITIVE_INFINITY) < at
  }
  const bare = [...text.matchAll(oneLine)]
    .map((match): Block => ({ at: match.index, block: match[0] }))
    .filter(({ at }) => !isInside(at))
  return [...framed, ...bare].sort((a, b) => a.at - b.at)
}

const endOf = (one: Block | undefined): number => (one === undefined ? 0 : one.at + one.block.length)

/** In one pass: a thousand beginnings without an end are looked for an end once. */
function framedIn(text: string, begin: string, end: string): Block[] {
  const found: Block[] = []
  for (let at = text.indexOf(begin); at !== -1; ) {
    const last = text.indexOf(end, at + begin.length)
    if (last === -1) return found
    const after = last + end.length
    found.push({ at, block: text.slice(at, after) })
    at = text.indexOf(begin, after)
  }
  return found
}
