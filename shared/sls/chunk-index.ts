/** Chunks by module, ID, name and SLS, so that thousands of references cost no more than linear. */
import { nearest } from '../data/nearest.ts'
import { compileGlob, isGlob } from '../targeting/glob.ts'
import type { Call } from './call.ts'
import type { Draft } from './draft.ts'
import type { Ordered } from './order.ts'
import type { Reference } from './references.ts'

type Numbers = readonly number[]
const none: Numbers = []

export class ChunkIndex {
  private readonly ordered: readonly Ordered[]
  private readonly included: ReadonlyMap<string, readonly string[]>
  /** Module → ID or name → chunks. */
  private readonly byModule = new Map<string, Map<string, number[]>>()
  private readonly byAny = new Map<string, number[]>()
  private readonly bySls = new Map<string, number[]>()
  private readonly byCall = new Map<Call, number[]>()
  private readonly found = new Map<string, Numbers>()
  private allSls: readonly string[] | undefined

  constructor(ordered: readonly Ordered[], included: ReadonlyMap<string, readonly string[]>) {
    this.ordered = ordered
    this.included = included
    for (let index = 0; index < ordered.length; index++) this.add(this.draft(index), index)
  }

  private add({ declaration: { id, sls, environment }, call, name }: Draft, index: number): void {
    const ofModule = this.byModule.get(call.module) ?? new Map<string, number[]>()
    this.byModule.set(call.module, ofModule)
    note(ofModule, id, index)
    note(this.byAny, id, index)
    if (name !== id) {
      note(ofModule, name, index)
      note(this.byAny, name, index)
    }
    note(this.bySls, `${environment}:${sls}`, index)
    note(this.byCall, call, index)
  }

  /** The chunks of a call: one, or one for each of its names. */
  ofCall(call: Call): Numbers {
    return this.byCall.get(call) ?? none
  }

  draft(index: number): Draft {
    return (this.ordered[index] as Ordered).draft
  }

  /** What a requisite means: IDs and names by pattern, SLS by pattern with what they include. In order. */
  find({ state, name }: Reference, environment: string): Numbers {
    const key = `${state ?? ''}\0${name}\0${state === 'sls' ? environment : ''}`
    let found = this.found.get(key)
    if (found === undefined) {
      found = state === 'sls' ? this.findSls(name, environment) : this.findNamed(state, name)
      this.found.set(key, found)
    }
    return found
  }

  /** What a requisite with `_in` means: an ID rather than a name, and only as it is written. */
  findExact({ state, name }: Reference, environment: string): Numbers {
    if (state === 'sls') return this.findSls(name, environment)
    const found = (state === undefined ? this.byAny : this.byModule.get(state))?.get(name) ?? none
    const ofId = found.filter((index) => this.draft(index).declaration.id === name)
    const first = ofId[0]
    if (first === undefined) return found
    const call = state === undefined ? this.draft(first).declaration.calls[0] : undefined
    return call === undefined ? ofId : this.ofCall(call)
  }

  private findNamed(state: string | undefined, name: string): Numbers {
    const exact = (state === undefined ? this.byAny : this.byModule.get(state))?.get(name)
    if (!isGlob(name)) return exact ?? none
    const matches = compileGlob(name)
    const found = new Set(exact)
    for (let index = 0; index < this.ordered.length; index++) {
      const draft = this.draft(index)
      if (state !== undefined && draft.call.module !== state) continue
      if (matches(draft.declaration.id) || matches(draft.name)) found.add(index)
    }
    return [...found].sort((a, b) => a - b)
  }

  private findSls(name: string, environment: string): Numbers {
    const found = new Set<number>()
    const visited = new Set<string>()
    const matches = compileGlob(name)
    const keys = isGlob(name)
      ? this.slsKeys().filter((key) => matches(slsOf(key)))
      : this.keysOf(name, environment)
    for (const key of keys) this.addSls(key, found, visited)
    return [...found].sort((a, b) => a - b)
  }

  /** Its states; those of what it includes where it has none of its own. */
  private addSls(first: string, found: Set<number>, visited: Set<string>): void {
    const pending = [first]
    for (let key = pending.pop(); key !== undefined; key = pending.pop()) {
      if (visited.has(key)) continue
      visited.add(key)
      const own = this.bySls.get(key)
      if (own) for (const index of own) found.add(index)
      else pending.push(...(this.included.get(key) ?? []))
    }
  }

  /** Whether the SLS takes part, be it without states. */
  hasSls(name: string, environment: string): boolean {
    return this.keysOf(name, environment).length > 0
  }

  /** The environment of the chunk first, else every one. */
  private keysOf(name: string, environment: string): readonly string[] {
    const own = `${environment}:${name}`
    if (this.bySls.has(own) || this.included.has(own)) return [own]
    return this.slsKeys().filter((key) => slsOf(key) === name)
  }

  private slsKeys(): readonly string[] {
    this.allSls ??= [...new Set([...this.bySls.keys(), ...this.included.keys()])]
    return this.allSls
  }

  /** A sentence for a reference that means nothing. */
  suggest({ state, name }: Reference): string | undefined {
    const other = this.byAny.get(name)?.[0]
    if (other !== undefined && state !== 'sls') {
      const { module } = this.draft(other).call
      return `"${name}" is a ${module} state: write "- ${module}: ${name}".`
    }
    const names =
      state === 'sls'
        ? this.slsKeys().map(slsOf)
        : ((state === undefined ? this.byAny : this.byModule.get(state))?.keys() ?? [])
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
