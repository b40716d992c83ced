/** Lays Salt's low data beside ours: which states are in one alone, what differs first in each, and in which order. */
import { type Dict, equalValues, isDict, isList, type Value } from '../../shared/data/value.ts'

/** What the minion writes where a secret stands: not compared. */
const hidden = '**********'

/** Salt's numbers need not be ours where the sequence is the same. */
const notCompared = new Set(['order', '__run_num__'])

export interface ChunkDifference {
  readonly tag: string
  readonly sls: string
  /** `context:config:user`; empty: the chunk is in one alone. */
  readonly path: string
  /** undefined: it is not there. */
  readonly salt: Value | undefined
  readonly tsalt: Value | undefined
}

export interface LowComparison {
  readonly salt: number
  readonly tsalt: number
  readonly equal: number
  readonly different: readonly ChunkDifference[]
  readonly onlySalt: readonly ChunkDifference[]
  readonly onlyTsalt: readonly ChunkDifference[]
  /** The first state of both that comes at another place, with what Salt has there. */
  readonly moved: { readonly salt: string; readonly tsalt: string } | undefined
  /** Values that could not be compared, because they are secret. */
  readonly hidden: number
}

export function compareLow(salt: readonly Dict[], tsalt: readonly Dict[]): LowComparison {
  const theirs = byTag(salt)
  const ours = byTag(tsalt)
  const counter = { hidden: 0 }
  const different: ChunkDifference[] = []
  let equal = 0
  for (const [tag, chunk] of theirs) {
    const other = ours.get(tag)
    if (other === undefined) continue
    const found = firstDifference(chunk, other, '', counter)
    if (found === undefined) equal += 1
    else different.push({ tag: shortTag(chunk), sls: slsOf(chunk), ...found })
  }
  return {
    salt: salt.length,
    tsalt: tsalt.length,
    equal,
    different,
    onlySalt: missing(theirs, ours, 'salt'),
    onlyTsalt: missing(ours, theirs, 'tsalt'),
    moved: firstMoved(theirs, ours),
    hidden: counter.hidden,
  }
}

/** The same call twice is told apart by counting. */
function byTag(chunks: readonly Dict[]): Map<string, Dict> {
  const found = new Map<string, Dict>()
  for (const chunk of chunks) {
    const tag = [chunk.get('state'), chunk.get('__id__'), chunk.get('name'), chunk.get('fun')]
      .map(show)
      .join('_|-')
    let key = tag
    for (let count = 2; found.has(key); count++) key = `${tag} (${count})`
    found.set(key, chunk)
  }
  return found
}

function missing(
  from: Map<string, Dict>,
  other: Map<string, Dict>,
  side: 'salt' | 'tsalt',
): ChunkDifference[] {
  return [...from]
    .filter(([tag]) => !other.has(tag))
    .map(([, chunk]) => ({
      tag: shortTag(chunk),
      sls: slsOf(chunk),
      path: '',
      salt: side === 'salt' ? chunk : undefined,
      tsalt: side === 'tsalt' ? chunk : undefined,
    }))
}

function firstMoved(theirs: Map<string, Dict>, ours: Map<string, Dict>): LowComparison['moved'] {
  const left = [...theirs].filter(([tag]) => ours.has(tag))
  const right = [...ours].filter(([tag]) => theirs.has(tag))
  const at = left.findIndex(([tag], index) => tag !== right[index]?.[0])
  const [salt, tsalt] = [left[at]?.[1], right[at]?.[1]]
  return salt && tsalt ? { salt: shortTag(salt), tsalt: shortTag(tsalt) } : undefined
}

type Found = Pick<ChunkDifference, 'path' | 'salt' | 'tsalt'>

function firstDifference(
  salt: Value | undefined,
  tsalt: Value | undefined,
  path: string,
  counter: { hidden: number },
): Found | undefined {
  if (typeof tsalt === 'string' && tsalt.includes(hidden)) {
    counter.hidden += 1
    return undefined
  }
  if (isDict(salt) && isDict(tsalt)) return differenceOfDicts(salt, tsalt, path, counter)
  if (isList(salt) && isList(tsalt)) {
    for (let index = 0; index < Math.max(salt.length, tsalt.length); index++) {
      const found = firstDifference(salt[index], tsalt[index], below(path, index), counter)
      if (found !== undefined) return found
    }
    return undefined
  }
  const isSame = salt !== undefined && tsalt !== undefined && equalValues(salt, tsalt)
  return isSame ? undefined : { path, salt, tsalt }
}

function differenceOfDicts(
  salt: Dict,
  tsalt: Dict,
  path: string,
  counter: { hidden: number },
): Found | undefined {
  const keys = new Map([...salt.keys(), ...tsalt.keys()].map((key) => [String(key), key]))
  for (const key of keys.values()) {
    if (path === '' && notCompared.has(String(key))) continue
    const found = firstDifference(valueAt(salt, key), valueAt(tsalt, key), below(path, String(key)), counter)
    if (found !== undefined) return found
  }
  return undefined
}

/** Keys of JSON are text, those of YAML may be numbers. */
function valueAt(dict: Dict, key: Parameters<Dict['get']>[0]): Value | undefined {
  if (dict.has(key)) return dict.get(key)
  for (const [own, value] of dict) if (String(own) === String(key)) return value
  return undefined
}

const below = (path: string, key: string | number): string => (path === '' ? String(key) : `${path}:${key}`)
const show = (value: Value | undefined): string => (value === undefined ? '' : String(value))
const slsOf = (chunk: Dict): string => show(chunk.get('__sls__'))

/** `file.managed /etc/x (ID config)` */
function shortTag(chunk: Dict): string {
  const [id, name] = [show(chunk.get('__id__')), show(chunk.get('name'))]
  const call = `${show(chunk.get('state'))}.${show(chunk.get('fun'))}`
  return id === name ? `${call} ${id}` : `${call} ${name} (ID ${id})`
}
