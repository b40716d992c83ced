/** Debian's order of versions: [epoch:]upstream[-revision], where `~` sorts before everything, even the end. */

interface DebianVersion {
  readonly epoch: number
  readonly upstream: string
  readonly revision: string
}

/** <0, 0 or >0, as `dpkg --compare-versions` orders them. */
export function compareDebianVersions(a: string, b: string): number {
  if (a === b) return 0
  const left = splitVersion(a)
  const right = splitVersion(b)
  return (
    Math.sign(left.epoch - right.epoch) ||
    compareParts(left.upstream, right.upstream) ||
    compareParts(left.revision, right.revision)
  )
}

function splitVersion(text: string): DebianVersion {
  const colon = text.indexOf(':')
  const rest = colon < 0 ? text : text.slice(colon + 1)
  const dash = rest.lastIndexOf('-')
  const epoch = colon < 0 ? 0 : Number(text.slice(0, colon))
  return {
    epoch: Number.isFinite(epoch) ? epoch : 0,
    upstream: dash < 0 ? rest : rest.slice(0, dash),
    revision: dash < 0 ? '' : rest.slice(dash + 1),
  }
}

/** Turns of a run of non-digits, compared character by character, and a run of digits, compared as a number. */
function compareParts(a: string, b: string): number {
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    while ((i < a.length && !isDigit(a, i)) || (j < b.length && !isDigit(b, j))) {
      const difference = weight(a, i) - weight(b, j)
      if (difference !== 0) return Math.sign(difference)
      i++
      j++
    }
    const left = digitsAt(a, i)
    const right = digitsAt(b, j)
    const difference = compareNumbers(left, right)
    if (difference !== 0) return difference
    i += left.length
    j += right.length
  }
  return 0
}

function isDigit(text: string, index: number): boolean {
  const code = text.charCodeAt(index)
  return code >= 48 && code <= 57
}

/** `~` before the end (and before digits, which end a run), then letters, then all the rest. */
function weight(text: string, index: number): number {
  if (index >= text.length || isDigit(text, index)) return 0
  const code = text.charCodeAt(index)
  if (code === 126) return -1
  const letter = (code >= 65 && code <= 90) || (code >= 97 && code <= 122)
  return letter ? code : code + 256
}

function digitsAt(text: string, from: number): string {
  let end = from
  while (end < text.length && isDigit(text, end)) end++
  return text.slice(from, end)
}

/** Without converting: a date and hash in a version can be longer than what a number holds. */
function compareNumbers(a: string, b: string): number {
  const left = a.replace(/^0+/, '')
  const right = b.replace(/^0+/, '')
  if (left.length !== right.length) return left.length - right.length < 0 ? -1 : 1
  return left === right ? 0 : left < right ? -1 : 1
}
