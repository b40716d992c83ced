/**
 * "Did you mean": the candidate closest to a misspelt name, by edits, or undefined where none is close. Of dotted names
 * each part is to be close: `schedule.nosuch` is not meant to be `schedule.list`, however much they share.
 */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const parts = name.toLowerCase().split('.')
  let best: string | undefined
  let least = allowedIn(name) + 1
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) >= least) continue
    const edits = editsBetween(name.toLowerCase(), candidate.toLowerCase())
    if (edits === undefined || edits >= least) continue
    const others = candidate.toLowerCase().split('.')
    const partwise = parts.length > 1 && others.length === parts.length
    if (partwise && !parts.every((part, index) => isClose(part, others[index] ?? ''))) continue
    best = candidate
    least = edits
  }
  return best
}

const allowedIn = (name: string): number => Math.max(1, Math.floor(name.length / 3))

const isClose = (part: string, other: string): boolean =>
  (editsBetween(part, other) ?? Number.POSITIVE_INFINITY) <= allowedIn(part)

/** undefined where the letters are others throughout, which is no misspelling: "a" is not meant by "b". */
function editsBetween(a: string, b: string): number | undefined {
  const edits = distance(a, b)
  return edits > 0 && edits >= Math.max(a.length, b.length) ? undefined : edits
}

/** Levenshtein distance with adjacent swaps counted as one edit. */
function distance(a: string, b: string): number {
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let edits = Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        edits = Math.min(edits, (before[j - 2] ?? 0) + 1)
      row.push(edits)
    }
    before = previous
    previous = row
  }
  return previous[b.length] ?? 0
}
