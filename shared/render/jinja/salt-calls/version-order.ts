/** The order of package versions as dpkg and rpm have it, without asking a program. */

/** Negative, 0 or positive. */
export function compareDebianVersions(a: string, b: string): number {
  const left = debianParts(a)
  const right = debianParts(b)
  return (
    left.epoch - right.epoch ||
    compareDebianPart(left.upstream, right.upstream) ||
    compareDebianPart(left.revision, right.revision)
  )
}

function debianParts(version: string): { epoch: number; upstream: string; revision: string } {
  const [, epoch = '0', rest = ''] = /^(?:(\d+):)?(.*)$/s.exec(version.trim()) ?? []
  const dash = rest.lastIndexOf('-')
  return dash === -1
    ? { epoch: Number(epoch), upstream: rest, revision: '' }
    : { epoch: Number(epoch), upstream: rest.slice(0, dash), revision: rest.slice(dash + 1) }
}

/** A tilde is before everything, even the end; letters are before all other characters. */
function weight(character: string | undefined): number {
  if (character === undefined || /\d/.test(character)) return 0
  if (character === '~') return -1
  const code = character.charCodeAt(0)
  return /[a-zA-Z]/.test(character) ? code : code + 256
}

function compareDebianPart(a: string, b: string): number {
  let left = 0
  let right = 0
  while (left < a.length || right < b.length) {
    while ((left < a.length && !isDigit(a[left])) || (right < b.length && !isDigit(b[right]))) {
      const order = weight(a[left]) - weight(b[right])
      if (order !== 0) return order
      left += 1
      right += 1
    }
    const one = digitsAt(a, left)
    const other = digitsAt(b, right)
    const order = compareDigits(one, other)
    if (order !== 0) return order
    left += one.length
    right += other.length
  }
  return 0
}

const isDigit = (character: string | undefined): boolean => character !== undefined && /\d/.test(character)
const digitsAt = (text: string, at: number): string => /^\d*/.exec(text.slice(at))?.[0] ?? ''

function compareDigits(a: string, b: string): number {
  const left = BigInt(a || '0')
  const right = BigInt(b || '0')
  return left < right ? -1 : left > right ? 1 : 0
}

/** Of the form `epoch:version-release`; a release counts only where both have one. */
export function compareRpmVersions(a: string, b: string): number {
  const left = debianParts(a)
  const right = debianParts(b)
  const order = left.epoch - right.epoch || compareRpmPart(left.upstream, right.upstream)
  if (order !== 0 || left.revision === '' || right.revision === '') return order
  return compareRpmPart(left.revision, right.revision)
}

const rpmSegments = (text: string): string[] => text.match(/\d+|[a-zA-Z]+|~|\^/g) ?? []

function compareRpmPart(a: string, b: string): number {
  const left = rpmSegments(a)
  const right = rpmSegments(b)
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const order = compareRpmSegment(left[at], right[at])
    if (order !== 0) return order
  }
  return 0
}

/** A tilde is before the end, a caret after it; numbers are after letters. */
function compareRpmSegment(a: string | undefined, b: string | undefined): number {
  const rank = (segment: string | undefined): number => {
    if (segment === '~') return 0
    if (segment === undefined) return 1
    if (segment === '^') return 2
    return /\d/.test(segment) ? 4 : 3
  }
  if (rank(a) !== rank(b)) return rank(a) - rank(b)
  if (a === undefined || b === undefined || a === b) return 0
  return rank(a) === 4 ? compareDigits(a, b) : a < b ? -1 : 1
}
