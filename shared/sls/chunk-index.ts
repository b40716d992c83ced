/** Chunks by module, ID, name and SLS, so that thousands of references cost no more than linear. */
import { nearest } from '../data/nearest.ts'
import { compileGlob, isGlob } from '../targeting/glob.ts'
import type { Call } from './call.ts'
import type { Draft } from './draft.ts'
import { plainSls } from './names.ts'
import type { Ordered } from './order.ts'
import type { Reference } from './references.ts'

type Numbers = readonly number[]
const none: Numbers = []

export class ChunkIndex {
  private readonly ordered: readonly Ordered[]
  private readonly included: ReadonlyMap<string, readonly string[]>
  /** Module → ID or name → chunks. */
  private readonly byModule = new Map<string, Map<string, number[]>>()
  private readonly bySls = new Map<string, number[]>()
  private readonly byCall = new Map<Call, number[]>()
  /** ID or name → chunks of any module; made when first asked for. */
  private anyNames: Map<string, number[]> | undefined
  private readonly found = new Map<string, Numbers>()
  private allSls: readonly string[] | undefined

  constructor(ordered: readonly Ordered[], included: ReadonlyMap<string, readonly string[]>) {
    this.ordered = ordered
    this.included = included
    let key = { environment: '', sls: '', text: '' }
    for (let index = 0; index < ordered.length; index++) {
      const { declaration, call, name } = this.draft(index)
      const { id, sls, environment } = declaration
      let ofModule = this.byModule.get(call.module)
      if (ofModule === undefined) {
        ofModule = new Map()
        this.byModule.set(call.module, ofModule)
      }
      note(ofModule, id, index)
      if (name !== id) note(ofModule, name, index)
      // Neighbours are of one SLS.
      if (key.sls !== sls || key.environment !== environment)
        key = { environment, sls, text: `${environment}:${sls}` }
      note(this.bySls, key.text, index)
      note(this.byCall, call, index)
    }
  }

  private get byAny(): Map<string, number[]> {
    if (this.anyNames !== undefined) return this.anyNames
    const names = new Map<string, number[]>()
    for (let index = 0; index < this.ordered.length; index++) {
      const { declaration, name } = this.draft(index)
      note(names, declaration.id, index)
      if (name !== declaration.id) note(names, name, index)
    }
    this.anyNames = names
    return names
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
    if (state !== 'sls' && !isGlob(name)) return this.exact(state, name)
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
    const found = this.exact(state, name)
    const ofId = found.filter((index) => this.draft(index).declaration.id === name)
    const first = ofId[0]
    if (first === undefined) return found
    const call = state === undefined ? this.draft(first).declaration.calls[0] : undefined
    return call === undefined ? ofId : this.ofCall(call)
  }

  private exact(state: string | undefined, name: string): Numbers {
    return (state === undefined ? this.byAny : this.byModule.get(state))?.get(name) ?? none
  }

  private findNamed(state: string | undefined, name: string): Numbers {
    const matches = compileGlob(name)
    const found = new Set(this.exact(state, name))
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
    const plain = plainSls(name)
    return this.slsKeys().filter((key) => plainSls(slsOf(key)) === plain)
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
