/** What redis-cli prints with --no-raw: the one form that tells no value, an error and a text from each other. */

export type Reply = string | number | null | readonly Reply[]

/** An error that the server answered. */
export class RedisError {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}

const escapes: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, a: 7, b: 8 }

/** Bytes that are no UTF-8 come out as U+FFFD. */
function unquoted(text: string): string {
  const bytes: number[] = []
  const inner = Buffer.from(text.slice(1, -1), 'utf8')
  for (let at = 0; at < inner.length; at++) {
    const byte = inner[at] ?? 0
    if (byte !== 92) {
      bytes.push(byte)
      continue
    }
    at += 1
    const letter = String.fromCharCode(inner[at] ?? 0)
    const hex = letter === 'x' ? inner.subarray(at + 1, at + 3).toString('latin1') : ''
    if (/^[0-9a-fA-F]{2}$/.test(hex)) {
      bytes.push(Number.parseInt(hex, 16))
      at += 2
    } else bytes.push(escapes[letter] ?? inner[at] ?? 0)
  }
  return Buffer.from(bytes).toString('utf8')
}

function scalar(text: string): Reply | RedisError {
  if (/^".*"$/s.test(text)) return unquoted(text)
  if (text === '(nil)') return null
  if (/^\(empty (?:array|list or set|hash|set)\)$/.test(text)) return []
  const [, kind, rest = ''] = /^\((integer|error|double)\) (.*)$/s.exec(text) ?? []
  if (kind === 'error') return new RedisError(rest)
  return kind === undefined ? text : Number(rest)
}

/** A list has one line for each item, with its number; lists in lists have their numbers beside each other. */
export function parseReply(output: string): Reply | RedisError {
  const text = output.replace(/\n$/, '')
  const lines = text.split('\n')
  if (!/^\s*\d+[)#~] /.test(lines[0] ?? '')) return scalar(text)
  return list(lines)
}

function list(lines: readonly string[]): Reply {
  const items: string[][] = []
  const width = /^\s*\d+[)#~] /.exec(lines[0] ?? '')?.[0].length ?? 0
  for (const line of lines) {
    const isItem = /^\s*\d+[)#~] $/.test(line.slice(0, width))
    if (isItem) items.push([line.slice(width)])
    else items.at(-1)?.push(line.slice(width))
  }
  return items.map((own) => {
    const inner = parseReply(own.join('\n'))
    return inner instanceof RedisError ? inner.message : inner
  })
}
