/** rpm's order of versions: [epoch:]version[-release]; `~` sorts before everything, `^` after the end and before more. */

interface RpmVersion {
  readonly epoch: number
  readonly version: string
  readonly release: string | undefined
}

/** <0, 0 or >0. A release that one of them lacks is not compared, as in what people write. */
export function compareRpmVersions(a: string, b: string): number {
  if (a === b) return 0
  const left = splitVersion(a)
  const right = splitVersion(b)
  const order = Math.sign(left.epoch - right.epoch) || compareRpmParts(left.version, right.version)
  if (order !== 0 || left.release === undefined || right.release === undefined) return order
  return compareRpmParts(left.release, right.release)
}

function splitVersion(text: string): RpmVersion {
  const [, epoch = '0', version = text, release] = /^(?:(\d+):)?([^-]*)(?:-(.*))?$/.exec(text) ?? []
  return { epoch: Number(epoch), version, release }
}

type Part = { readonly kind: 'tilde' | 'caret' | 'number' | 'word'; readonly text: string }

/** Everything else only separates. */
const partsOf = (text: string): Part[] =>
  [...text.matchAll(/(~)|(\^)|(\d+)|([A-Za-z]+)/g)].map(([whole, tilde, caret, number]) => ({
    kind: tilde ? 'tilde' : caret ? 'caret' : number ? 'number' : 'word',
    text: whole,
  }))

/** One version or release, as rpmvercmp orders them. */
export function compareRpmParts(a: string, b: string): number {
  const left = partsOf(a)
  const right = partsOf(b)
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const order = comparePart(left[index], right[index])
    if (order !== 0) return order
  }
  return 0
}

function comparePart(a: Part | undefined, b: Part | undefined): number {
  for (const mark of ['tilde', 'caret'] as const) {
    if (a?.kind !== mark && b?.kind !== mark) continue
    if (a?.kind === b?.kind) return 0
    // A tilde is less than anything, the end too; a caret is more than the end and less than anything else.
    if (mark === 'tilde') return a?.kind === mark ? -1 : 1
    if (a?.kind === mark) return b === undefined ? 1 : -1
    return a === undefined ? -1 : 1
  }
  if (!a || !b) return a ? 1 : b ? -1 : 0
  if (a.kind !== b.kind) return a.kind === 'number' ? 1 : -1
  if (a.kind === 'number') return compareNumbers(a.text, b.text)
  return a.text === b.text ? 0 : a.text < b.text ? -1 : 1
}

/** Without converting: dates and hashes can be longer than what a number holds. */
function compareNumbers(a: string, b: string): number {
  const left = a.replace(/^0+/, '')
  const right = b.replace(/^0+/, '')
  if (left.length !== right.length) return left.length < right.length ? -1 : 1
  return left === right ? 0 : left < right ? -1 : 1
}
