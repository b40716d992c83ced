/** Versions of Python packages and what is demanded of them, in the order and with the operators of PEP 440. */

interface PythonVersion {
  readonly epoch: number
  readonly release: readonly number[]
  /** `a`, `b`, `rc` and their number. */
  readonly pre: readonly [string, number] | undefined
  readonly post: number | undefined
  readonly dev: number | undefined
  readonly local: readonly string[]
}

const shape =
  /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(alpha|a|beta|b|preview|pre|c|rc)[-_.]?(\d*))?(?:-(\d+)|[-_.]?(?:post|rev|r)[-_.]?(\d*))?(?:[-_.]?(dev)[-_.]?(\d*))?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/
const preNames: Readonly<Record<string, string>> = {
  alpha: 'a',
  a: 'a',
  beta: 'b',
  b: 'b',
  c: 'rc',
  rc: 'rc',
  pre: 'rc',
  preview: 'rc',
}

/** undefined: it is no version. */
export function parsePythonVersion(text: string): PythonVersion | undefined {
  const match = shape.exec(text.trim().toLowerCase())
  if (!match) return undefined
  const [, epoch = '0', release = '', pre, preNumber, dash, postNumber, dev, devNumber, local] = match
  const post = dash ?? postNumber
  return {
    epoch: Number(epoch),
    release: release.split('.').map(Number),
    pre: pre === undefined ? undefined : [preNames[pre] ?? pre, Number(preNumber || 0)],
    post: post === undefined ? undefined : Number(post || 0),
    dev: dev === undefined ? undefined : Number(devNumber || 0),
    local: local?.split(/[-_.]/) ?? [],
  }
}

/** <0, 0, >0; what is no version comes before all that are. */
export function comparePythonVersions(a: string, b: string): number {
  const left = parsePythonVersion(a)
  const right = parsePythonVersion(b)
  if (!left || !right) return left ? 1 : right ? -1 : a === b ? 0 : a < b ? -1 : 1
  return comparePublic(left, right) || compareLocal(left.local, right.local)
}

function comparePublic(a: PythonVersion, b: PythonVersion): number {
  return (
    Math.sign(a.epoch - b.epoch) ||
    compareNumbers(a.release, b.release) ||
    compareNumbers(suffix(a), suffix(b))
  )
}

/** 1.0.dev1 < 1.0a1.dev1 < 1.0a1 < 1.0 < 1.0.post1.dev1 < 1.0.post1 */
function suffix({ pre, post, dev }: PythonVersion): number[] {
  const never = Number.POSITIVE_INFINITY
  const stages = ['a', 'b', 'rc']
  const stage = pre ? stages.indexOf(pre[0]) : post === undefined && dev !== undefined ? -1 : stages.length
  return [stage, pre?.[1] ?? 0, post ?? -1, dev ?? never]
}

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const [left = 0, right = 0] = [a[index], b[index]]
    if (left !== right) return left < right ? -1 : 1
  }
  return 0
}

function compareLocal(a: readonly string[], b: readonly string[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const [left, right] = [a[index], b[index]]
    if (left === undefined || right === undefined) return left === undefined ? -1 : 1
    if (left === right) continue
    const [leftNumber, rightNumber] = [/^\d+$/.test(left), /^\d+$/.test(right)]
    if (leftNumber && rightNumber) {
      if (Number(left) !== Number(right)) return Number(left) < Number(right) ? -1 : 1
    } else return leftNumber ? 1 : rightNumber ? -1 : left < right ? -1 : 1
  }
  return 0
}

const clause = /^(===|~=|==|!=|<=|>=|<|>)\s*([A-Za-z0-9][A-Za-z0-9.!+_*-]*)$/

/** `>=1.2,<2` as clauses; undefined: they cannot be read. */
export function parseSpecifiers(text: string): [string, string][] | undefined {
  const clauses: [string, string][] = []
  for (const part of text.split(',').map((one) => one.trim())) {
    if (part === '') continue
    const [, sign, bound] = clause.exec(part) ?? []
    if (sign === undefined || bound === undefined) return undefined
    clauses.push([sign, bound])
  }
  return clauses
}

export const satisfies = (version: string, clauses: readonly (readonly [string, string])[]): boolean =>
  clauses.every(([sign, bound]) => satisfiesOne(version, sign, bound))

function satisfiesOne(version: string, sign: string, bound: string): boolean {
  if (sign === '===') return version === bound
  if (bound.endsWith('.*')) return hasPrefix(version, bound.slice(0, -2)) === (sign === '==')
  if (sign === '~=') {
    const prefix = bound
      .replace(/\.?(?:a|b|c|rc|alpha|beta|pre|post|dev)[^.]*$/i, '')
      .split('.')
      .slice(0, -1)
      .join('.')
    return comparePythonVersions(version, bound) >= 0 && hasPrefix(version, prefix)
  }
  // A local part (+deb1) counts only where the bound has one.
  const order = comparePythonVersions(bound.includes('+') ? version : version.replace(/\+.*$/, ''), bound)
  if (sign === '==') return order === 0
  if (sign === '!=') return order !== 0
  if (sign === '>=') return order >= 0
  if (sign === '<=') return order <= 0
  const [own, other] = [parsePythonVersion(version), parsePythonVersion(bound)]
  const same = own && other && own.epoch === other.epoch && compareNumbers(own.release, other.release) === 0
  // `>1.0` does not mean 1.0.post1, and `<1.0` does not mean 1.0rc1, unless the bound is one of these.
  if (sign === '>') return order > 0 && !(same && own.post !== undefined && other.post === undefined)
  const early = own?.pre !== undefined || own?.dev !== undefined
  return order < 0 && !(same && early && other?.pre === undefined && other?.dev === undefined)
}

function hasPrefix(version: string, prefix: string): boolean {
  const own = parsePythonVersion(version)
  const wanted = parsePythonVersion(prefix)
  if (!own || !wanted || own.epoch !== wanted.epoch) return false
  return wanted.release.every((number, index) => (own.release[index] ?? 0) === number)
}
