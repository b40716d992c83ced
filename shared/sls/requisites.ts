/** References of requisites to the chunks that they name, through indices, so that thousands cost no more than linear. */
import { nearest } from '../data/nearest.ts'
import type { Place } from '../data/place.ts'
import { placeOfKey, placeOfValue } from '../data/provenance.ts'
import { isDict, isList, type Value } from '../data/value.ts'
import { TsaltError } from '../errors/error.ts'
import { compileGlob, isGlob } from '../targeting/glob.ts'
import type { Argument } from './call.ts'
import type { Draft } from './draft.ts'
import { isRequisiteKind, requisiteIns, strictKinds } from './keywords.ts'
import type { Requisite } from './low.ts'

/** One entry of a requisite's list. */
interface Reference {
  /** `file`, `sls`, `id`; undefined: any module. */
  readonly state: string | undefined
  readonly name: string
  readonly place: Place | undefined
}

export interface ResolveRequest {
  /** In their final order. */
  readonly drafts: readonly Draft[]
  /** `environment:sls` → what it includes. */
  readonly included: ReadonlyMap<string, readonly string[]>
  readonly errors: TsaltError[]
}

/** @returns for each draft its requisites, those of `_in` from elsewhere after its own */
export function resolveRequisites(request: ResolveRequest): Requisite[][] {
  const resolver = new Resolver(request)
  return resolver.resolve()
}

class Resolver {
  private readonly drafts: readonly Draft[]
  private readonly errors: TsaltError[]
  private readonly included: ReadonlyMap<string, readonly string[]>
  private readonly byModule = new Map<string, number[]>()
  private readonly byAny = new Map<string, number[]>()
  private readonly bySls = new Map<string, number[]>()
  private readonly byCall = new Map<object, number[]>()
  private readonly resolved = new Map<string, readonly number[]>()
  private readonly read = new Map<Argument, readonly Reference[]>()
  private readonly result: Requisite[][]

  constructor({ drafts, included, errors }: ResolveRequest) {
    this.drafts = drafts
    this.errors = errors
    this.included = included
    this.result = drafts.map(() => [])
    for (const [index, draft] of drafts.entries()) {
      const { id, sls, environment } = draft.declaration
      const names = draft.name === id ? [id] : [id, draft.name]
      for (const name of names) {
        note(this.byModule, `${draft.call.module}\0${name}`, index)
        note(this.byAny, name, index)
      }
      note(this.bySls, `${environment}:${sls}`, index)
      note(this.byCall, draft.call, index)
    }
  }

  resolve(): Requisite[][] {
    for (const [index, draft] of this.drafts.entries()) {
      for (const argument of draft.requisites) {
        const { name } = argument
        if (isRequisiteKind(name)) this.own(index, name, argument)
        // Once for the call, not for each of its names.
        else if (requisiteIns.has(name) && this.byCall.get(draft.call)?.[0] === index)
          this.inverse(draft, argument)
      }
    }
    return this.result
  }

  private own(index: number, kind: Requisite['kind'], argument: Argument): void {
    const draft = this.drafts[index]
    if (draft === undefined) return
    for (const reference of this.references(argument, draft)) {
      const targets = this.targetsOf(reference, draft, index)
      if (targets === undefined) this.missing(argument.name, reference, draft)
      else if (targets.length > 0)
        this.result[index]?.push({
          kind,
          state: reference.state,
          reference: reference.name,
          targets,
          place: reference.place,
        })
    }
  }

  /** undefined: nothing has the name. Empty: only the chunk itself or an SLS without states. */
  private targetsOf(reference: Reference, draft: Draft, index: number): readonly number[] | undefined {
    const { environment, sls } = draft.declaration
    const key = `${reference.state ?? ''}\0${reference.name}\0${reference.state === 'sls' ? environment : ''}`
    let targets = this.resolved.get(key)
    if (targets === undefined) {
      targets = this.find(reference, environment)
      this.resolved.set(key, targets)
    }
    if (targets.length === 0) return this.isEmptySls(reference, environment) ? targets : undefined
    if (reference.state === 'sls' || isGlob(reference.name)) {
      // A pattern that also means the chunk's own SLS would make it wait for its neighbours, and they for it.
      const glob = reference.state === 'sls' && isGlob(reference.name)
      return targets.filter(
        (target) => target !== index && !(glob && this.drafts[target]?.declaration.sls === sls),
      )
    }
    return targets
  }

  private find({ state, name }: Reference, environment: string): readonly number[] {
    if (state === 'sls') return this.findSls(name, environment)
    const exact =
      state === undefined
        ? this.byAny.get(name)
        : state === 'id'
          ? this.byAny.get(name)?.filter((index) => this.drafts[index]?.declaration.id === name)
          : this.byModule.get(`${state}\0${name}`)
    if (!isGlob(name)) return exact ?? []
    const matches = compileGlob(name)
    const found = new Set(exact)
    for (const [index, draft] of this.drafts.entries()) {
      if (state !== undefined && state !== 'id' && draft.call.module !== state) continue
      if (matches(draft.declaration.id) || (state !== 'id' && matches(draft.name))) found.add(index)
    }
    return [...found].sort((a, b) => a - b)
  }

  private findSls(name: string, environment: string): readonly number[] {
    const found = new Set<number>()
    const visited = new Set<string>()
    const matches = compileGlob(name)
    const keys = isGlob(name)
      ? this.slsKeys().filter((key) => matches(slsOf(key)))
      : [...this.keysOf(name, environment)]
    for (const key of keys) this.addSls(key, found, visited)
    return [...found].sort((a, b) => a - b)
  }

  /** Its states; those of what it includes where it has none of its own. */
  private addSls(key: string, found: Set<number>, visited: Set<string>): void {
    if (visited.has(key)) return
    visited.add(key)
    const own = this.bySls.get(key)
    if (own) for (const index of own) found.add(index)
    else for (const inner of this.included.get(key) ?? []) this.addSls(inner, found, visited)
  }

  private slsKeys(): string[] {
    return [...new Set([...this.bySls.keys(), ...this.included.keys()])]
  }

  /** The environment of the chunk first, else every one. */
  private keysOf(name: string, environment: string): string[] {
    const own = `${environment}:${name}`
    if (this.bySls.has(own) || this.included.has(own)) return [own]
    return this.slsKeys().filter((key) => slsOf(key) === name)
  }

  private isEmptySls(reference: Reference, environment: string): boolean {
    return reference.state === 'sls' && this.keysOf(reference.name, environment).length > 0
  }

  /** `require_in: x` of a state is `require` of x on that state. */
  private inverse(source: Draft, argument: Argument): void {
    const kind = requisiteIns.get(argument.name)
    const sources = this.byCall.get(source.call) ?? []
    if (kind === undefined) return
    for (const reference of this.references(argument, source)) {
      const targets = this.inverseTargets(reference, source.declaration.environment)
      if (targets.length === 0) this.missing(argument.name, reference, source)
      for (const target of targets) {
        const others = sources.includes(target) ? sources.filter((index) => index !== target) : sources
        if (others.length > 0)
          this.result[target]?.push({
            kind,
            state: source.call.module,
            reference: source.declaration.id,
            targets: others,
            place: reference.place,
          })
      }
    }
  }

  private inverseTargets({ state, name }: Reference, environment: string): readonly number[] {
    if (state === 'sls') return this.findSls(name, environment)
    if (state !== undefined && state !== 'id') return this.byModule.get(`${state}\0${name}`) ?? []
    const found = this.byAny.get(name) ?? []
    const ofId = found.filter((index) => this.drafts[index]?.declaration.id === name)
    const first = ofId[0] === undefined ? undefined : this.drafts[ofId[0]]?.declaration.calls[0]
    return first === undefined ? found : (this.byCall.get(first) ?? [])
  }

  private references(argument: Argument, draft: Draft): readonly Reference[] {
    let references = this.read.get(argument)
    if (references === undefined) {
      references = readReferences(argument, draft, this.errors)
      this.read.set(argument, references)
    }
    return references
  }

  private missing(kind: string, reference: Reference, draft: Draft): void {
    const { id, sls } = draft.declaration
    const text =
      reference.state === undefined ? `"${reference.name}"` : `"${reference.state}: ${reference.name}"`
    const hint = this.suggest(reference)
    this.errors.push(
      new TsaltError(
        'requisite-missing',
        { kind, id, sls, reference: text },
        { place: reference.place, ...(hint ? { hint } : {}) },
      ),
    )
  }

  private suggest({ state, name }: Reference): string | undefined {
    const other = this.byAny.get(name)?.[0]
    const module = other === undefined ? undefined : this.drafts[other]?.call.module
    if (module !== undefined && state !== 'sls')
      return `"${name}" is a ${module} state: write "- ${module}: ${name}".`
    const names =
      state === 'sls'
        ? this.slsKeys().map(slsOf)
        : [...this.byModule.keys()].flatMap((key) => {
            const [having, known = ''] = key.split('\0')
            return state === undefined || having === state ? [known] : []
          })
    const near = nearest(name, names) ?? nearest(name, this.byAny.keys())
    return near === undefined ? undefined : `Did you mean "${near}"?`
  }
}

const slsOf = (key: string): string => key.slice(key.indexOf(':') + 1)

function note<Name>(index: Map<Name, number[]>, name: Name, value: number): void {
  const list = index.get(name)
  if (list) list.push(value)
  else index.set(name, [value])
}

function readReferences(argument: Argument, draft: Draft, errors: TsaltError[]): Reference[] {
  const { id, sls } = draft.declaration
  const kind = argument.name
  const wrong = (reason: string, place: Place | undefined): void => {
    errors.push(new TsaltError('requisite-invalid', { kind, id, sls, reason }, { place }))
  }
  const { value } = argument
  if (!isList(value)) {
    wrong('it is not a list', placeOfKey(argument.from, argument.key))
    return []
  }
  const references: Reference[] = []
  for (const [index, item] of value.entries()) {
    const place = placeOfValue(value, index) ?? placeOfValue(argument.from, argument.key)
    if (typeof item === 'string') references.push({ state: undefined, name: item, place })
    else if (isDict(item) && item.size === 1) {
      for (const [key, name] of item) {
        if (isPlainName(name))
          references.push({ state: moduleOf(String(key), place), name: String(name), place })
        else wrong(`what "${String(key)}" names is not text`, place)
      }
    } else wrong('an entry is neither a name nor a single "MODULE: NAME"', place)
  }
  return references

  function moduleOf(written: string, place: Place | undefined): string {
    const [short = ''] = written.split('.')
    if (short !== written && (strictKinds.has(kind) || requisiteIns.has(kind)))
      errors.push(new TsaltError('requisite-dotted', { kind, id, sls, module: written, short }, { place }))
    return short
  }
}

const isPlainName = (name: Value): boolean => typeof name === 'string' || typeof name === 'number'
