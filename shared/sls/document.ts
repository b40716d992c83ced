/** One rendered SLS, taken apart: includes, IDs with their calls, extends, excludes. Every mistake is collected. */
import type { Place } from '../data/place.ts'
import { marksOf, placeOfKey, placeOfValue, setMarks } from '../data/provenance.ts'
import { type Dict, isDict, isList, type Key, type Value } from '../data/value.ts'
import { TsaltError } from '../errors/error.ts'
import type { Call } from './call.ts'
import { type CallAt, readCalls } from './call.ts'

export interface Declaration {
  readonly id: string
  readonly sls: string
  readonly environment: string
  readonly calls: Call[]
  readonly place: Place | undefined
}

export interface IncludeEntry {
  /** As written: `a.b`, `.b`, a glob. */
  readonly written: string
  /** As written, `_xenv` where any may have it; undefined: the including SLS's own. */
  readonly environment: string | undefined
  readonly place: Place | undefined
}

export interface ExtendEntry {
  readonly id: string
  readonly calls: readonly Call[]
  readonly place: Place | undefined
}

export interface ExcludeEntry {
  readonly kind: 'id' | 'sls'
  readonly name: string
}

export interface SlsDocument {
  readonly sls: string
  readonly environment: string
  readonly file: string
  readonly includes: readonly IncludeEntry[]
  readonly declarations: readonly Declaration[]
  readonly extends: readonly ExtendEntry[]
  readonly excludes: readonly ExcludeEntry[]
}

interface DocumentAt {
  readonly sls: string
  readonly environment: string
  readonly file: string
  readonly errors: TsaltError[]
  /** Functions of an ID in Salt's order: `module:` before `module.function:`. */
  readonly saltOrder?: boolean | undefined
}

export function readDocument(value: Value, at: DocumentAt): SlsDocument {
  const { sls, environment, file } = at
  const document = { sls, environment, file, includes: [], declarations: [], extends: [], excludes: [] }
  if (value === null) return document
  if (!isDict(value)) {
    const reason = `it renders to a ${isList(value) ? 'list' : 'single value'}, not to a mapping`
    const first = isList(value) ? placeOfValue(value, 0) : undefined
    const place = first ?? { file, line: 1, column: 1 }
    at.errors.push(new TsaltError('sls-invalid', { sls, reason }, { place }))
    return document
  }
  return {
    ...document,
    includes: readIncludes(value, at),
    declarations: readDeclarations(value, at),
    extends: readExtends(value, at),
    excludes: readExcludes(value, at),
  }
}

/** Also of pillar files, whose entries are read further there. */
export function readIncludes(document: Dict, at: DocumentAt): IncludeEntry[] {
  const list = document.get('include')
  if (list === undefined || list === null) return []
  if (!isList(list)) {
    const place = placeOfKey(document, 'include')
    const reason = 'it is not a list'
    at.errors.push(new TsaltError('include-invalid', { sls: at.sls, reason }, { place }))
    return []
  }
  const entries: IncludeEntry[] = []
  for (const [index, item] of list.entries()) {
    const place = placeOfValue(list, index)
    if (typeof item === 'string') entries.push({ written: item, environment: undefined, place })
    else if (typeof item === 'number') entries.push({ written: String(item), environment: undefined, place })
    else if (isDict(item) && item.size === 1) {
      for (const [environment, written] of item)
        if (typeof written === 'string') entries.push({ written, environment: String(environment), place })
        else invalidInclude(at, place)
    } else invalidInclude(at, place)
  }
  return entries
}

function invalidInclude({ sls, errors }: DocumentAt, place: Place | undefined): void {
  const reason = 'an entry is neither a name nor "ENVIRONMENT: name"'
  errors.push(new TsaltError('include-invalid', { sls, reason }, { place }))
}

const reserved = new Set<Key>(['include', 'extend', 'exclude'])

function readDeclarations(document: Dict, at: DocumentAt): Declaration[] {
  const declarations: Declaration[] = []
  for (const [id, body] of document) {
    if (reserved.has(id)) continue
    const place = placeOfKey(document, id)
    if (typeof id !== 'string') {
      const kind = id === null ? 'empty' : `a ${typeof id}`
      at.errors.push(new TsaltError('sls-id-invalid', { id: String(id), kind }, { place }))
    } else if (!id.startsWith('__')) {
      const calls = readBody(body, { ...at, id, place }, document)
      declarations.push({ id, sls: at.sls, environment: at.environment, calls, place })
    }
  }
  return declarations
}

function readBody(body: Value, at: CallAt & Pick<DocumentAt, 'saltOrder'>, document: Dict): Call[] {
  // `id: module.function`
  if (typeof body === 'string') {
    const [module = '', ...fun] = body.split('.')
    if (module !== '' && fun.length > 0 && !/\s/.test(body)) {
      const place = placeOfValue(document, at.id)
      return [{ module, functions: [fun.join('.')], args: [], auto: undefined, place }]
    }
    at.errors.push(bodyError(at, `"${body}" is not "module.function"`))
    return []
  }
  if (!isDict(body)) {
    if (isDedented(document, at.id)) return []
    const hint = body === null ? dedentedBelow(document, at.id) : undefined
    const reason = `its body is ${describeKind(body)}, not a mapping of state functions`
    at.errors.push(bodyError(at, reason, hint))
    return []
  }
  const calls = readCalls(at.saltOrder ? inSaltOrder(body) : body, at, false)
  if (body.size === 0) at.errors.push(bodyError(at, 'it has no state function'))
  return calls
}

/** Salt takes dotted keys out and puts them back behind the others. */
function inSaltOrder(body: Dict): Dict {
  const isDotted = ([key]: [Key, Value]): boolean => String(key).includes('.')
  const entries = [...body]
  const sorted: Dict = new Map([
    ...entries.filter((entry) => !isDotted(entry)),
    ...entries.filter((entry) => isDotted(entry)),
  ])
  const marks = marksOf(body)
  if (marks !== undefined) setMarks(sorted, marks)
  return sorted
}

/** `module.function:` in the column of the ID above it, which has nothing then: told with that ID. */
function isDedented(document: Dict, id: string): boolean {
  if (!/^[a-z]\w*\.[a-z]\w*$/.test(id) || !isList(document.get(id) ?? null)) return false
  const keys = [...document.keys()]
  const above = keys[keys.indexOf(id) - 1]
  return above !== undefined && document.get(above) === null
}

function dedentedBelow(document: Dict, id: string): string | undefined {
  const keys = [...document.keys()]
  const next = keys[keys.indexOf(id) + 1]
  return typeof next === 'string' && isDedented(document, next)
    ? `"${next}:" below it starts in the same column: indent it, and what belongs to it.`
    : undefined
}

function bodyError(at: CallAt, reason: string, hint?: string): TsaltError {
  const parameters = { id: at.id, sls: at.sls, reason }
  return new TsaltError('sls-body-invalid', parameters, { place: at.place, ...(hint ? { hint } : {}) })
}

export function describeKind(value: Value): string {
  if (value === null) return 'empty'
  if (isList(value)) return 'a list'
  if (isDict(value)) return 'a mapping'
  return typeof value === 'string' ? 'text' : `a ${typeof value}`
}

function readExtends(document: Dict, at: DocumentAt): ExtendEntry[] {
  const extend = document.get('extend')
  if (extend === undefined || extend === null) return []
  const wrong = (reason: string, place: Place | undefined): number =>
    at.errors.push(new TsaltError('extend-invalid', { sls: at.sls, reason }, { place }))
  if (!isDict(extend)) {
    wrong('it is not a mapping of IDs', placeOfKey(document, 'extend'))
    return []
  }
  const entries: ExtendEntry[] = []
  for (const [key, body] of extend) {
    const place = placeOfKey(extend, key)
    const id = String(key)
    if (isDict(body) && body.size > 0)
      entries.push({ id, calls: readCalls(body, { ...at, id, place }, true), place })
    else wrong(`"${id}" is not a mapping of modules`, place)
  }
  return entries
}

function readExcludes(document: Dict, at: DocumentAt): ExcludeEntry[] {
  const exclude = document.get('exclude')
  if (exclude === undefined || exclude === null) return []
  const wrong = (reason: string, place: Place | undefined): number =>
    at.errors.push(new TsaltError('exclude-invalid', { sls: at.sls, reason }, { place }))
  if (!isList(exclude)) {
    wrong('it is not a list', placeOfKey(document, 'exclude'))
    return []
  }
  const entries: ExcludeEntry[] = []
  for (const [index, item] of exclude.entries()) {
    const only = isDict(item) && item.size === 1 ? [...item][0] : undefined
    if (typeof item === 'string') entries.push({ kind: 'sls', name: item })
    else if (only && (only[0] === 'id' || only[0] === 'sls'))
      entries.push({ kind: only[0], name: String(only[1]) })
    else wrong('an entry is neither a name nor "id: NAME" or "sls: NAME"', placeOfValue(exclude, index))
  }
  return entries
}
