/** `require_in: x` of a state, as `require` that stands at x: for every call what the others ask of it, in Salt's order. */
import { type Dict, isDict, isList, type Value } from '../data/value.ts'
import type { Argument, Call } from './call.ts'
import type { Declaration } from './document.ts'

/** Requisite → references that are added to it. */
export type Turned = Map<string, Value[]>

interface Asked {
  readonly module: string
  readonly name: string
}

const kinds: ReadonlyMap<string, string> = new Map([
  ['require_in', 'require'],
  ['watch_in', 'watch'],
  ['onchanges_in', 'onchanges'],
  ['onfail_in', 'onfail'],
  ['prereq_in', 'prereq'],
  ['prereq', 'prerequired'],
])

export function turnRound(declarations: readonly Declaration[]): ReadonlyMap<Call, Turned> {
  const high = new High(declarations)
  const turned = new Map<Call, Turned>()
  for (const declaration of declarations) {
    for (const call of declaration.calls) {
      for (const argument of call.args) {
        const kind = kinds.get(argument.name)
        if (kind === undefined) continue
        const self: Dict = new Map([[call.module, declaration.id]])
        for (const asked of high.askedBy(argument)) {
          for (const target of high.callsOf(asked, argument.name === 'prereq')) add(target, kind, self)
          if (argument.name === 'prereq_in') add(call, 'prerequired', new Map([[asked.module, asked.name]]))
        }
      }
    }
  }
  return turned

  function add(call: Call, kind: string, reference: Dict): void {
    const into: Turned = turned.get(call) ?? new Map()
    turned.set(call, into)
    const items = into.get(kind)
    if (items) items.push(reference)
    else into.set(kind, [reference])
  }
}

class High {
  private readonly declarations: readonly Declaration[]
  private readonly byId: ReadonlyMap<string, Declaration>
  /** `module NUL value of any argument` → calls that have it. */
  private byValue: Map<string, Call[]> | undefined

  constructor(declarations: readonly Declaration[]) {
    this.declarations = declarations
    this.byId = new Map(declarations.map((declaration) => [declaration.id, declaration]))
  }

  /** What the entries of one argument mean; a list with several asks again for the earlier ones with each of the later. */
  askedBy({ value }: Argument): Asked[] {
    if (isDict(value)) return [...value].map(([module, name]) => asked(module, name))
    if (!isList(value)) return []
    const all: Asked[] = []
    let sofar: Asked[] = []
    for (const item of value) {
      const entry = isDict(item) ? [...item][0] : this.bare(item)
      if (entry === undefined) continue
      const one = asked(...entry)
      if (one.module === 'sls') sofar = this.ofSls(one.name)
      else sofar = [...sofar, one]
      all.push(...sofar)
    }
    return all
  }

  /** An ID means its first call; a name the last call that has it. */
  private bare(item: Value): [string, string] | undefined {
    if (typeof item !== 'string') return undefined
    const first = this.byId.get(item)?.calls[0]
    if (first !== undefined) return [first.module, item]
    let found: [string, string] | undefined
    for (const { id, calls } of this.declarations)
      for (const { module, args } of calls)
        if (args.some(({ name, value }) => name === 'name' && value === item)) found = [module, id]
    return found
  }

  private ofSls(sls: string): Asked[] {
    return this.declarations
      .filter((declaration) => declaration.sls === sls)
      .flatMap(({ id, calls }) => calls.map(({ module }) => ({ module, name: id })))
  }

  /** The call of the ID, else the only call of the module that has the name. */
  callsOf({ module, name }: Asked, several: boolean): readonly Call[] {
    const own = this.byId.get(name)?.calls.filter((call) => call.module === module) ?? []
    if (own.length > 0) return own
    const found = this.values().get(`${module}\0${name}`) ?? []
    return several || found.length === 1 ? found : []
  }

  private values(): ReadonlyMap<string, Call[]> {
    if (this.byValue !== undefined) return this.byValue
    const byValue = new Map<string, Call[]>()
    for (const { calls } of this.declarations) {
      for (const call of calls) {
        for (const { value } of call.args) {
          if (typeof value !== 'string') continue
          const key = `${call.module}\0${value}`
          const list = byValue.get(key)
          if (list) list.push(call)
          else byValue.set(key, [call])
        }
      }
    }
    this.byValue = byValue
    return byValue
  }
}

const asked = (module: unknown, name: unknown): Asked => ({
  module: String(module).split('.')[0] ?? '',
  name: String(name),
})
