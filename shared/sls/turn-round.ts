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
        const rounds = high.askedBy(argument)
        const several = argument.name === 'prereq'
        if (argument.name === 'prereq_in') {
          for (const asked of rounds.each()) {
            for (const target of high.callsOf(asked, several)) add(target, kind, self, 1)
            add(call, 'prerequired', new Map([[asked.module, asked.name]]), 1)
          }
          continue
        }
        for (const [asked, times] of rounds.counted())
          for (const target of high.callsOf(asked, several)) add(target, kind, self, times)
      }
    }
  }
  return turned

  function add(call: Call, kind: string, reference: Dict, times: number): void {
    const into: Turned = turned.get(call) ?? new Map()
    turned.set(call, into)
    let items = into.get(kind)
    if (items === undefined) {
      items = []
      into.set(kind, items)
    }
    for (let time = 0; time < times; time++) items.push(reference)
  }
}

/** Together so many references of one list are repeated as in Salt; those of a longer list stand once. */
const mostRepeated = 5_000_000

/** What one list asks for, round by round: a list with several asks again for the earlier ones with each of the later. */
class Rounds {
  /** Each begins with what an SLS stands for, or with nothing; one more is asked for in each round. */
  private readonly runs: { readonly first: readonly Asked[]; readonly more: Asked[] }[] = []

  begin(first: readonly Asked[]): void {
    this.runs.push({ first, more: [] })
  }

  add(one: Asked): void {
    if (this.runs.length === 0) this.runs.push({ first: [], more: [] })
    this.runs.at(-1)?.more.push(one)
  }

  /** What is asked for, and how often. */
  *counted(): Generator<readonly [Asked, number]> {
    const isRepeated = this.size() <= mostRepeated
    for (const { first, more } of this.runs) {
      for (const one of first) yield [one, isRepeated ? more.length + 1 : 1]
      for (const [at, one] of more.entries()) yield [one, isRepeated ? more.length - at : 1]
    }
  }

  /** In their order. */
  *each(): Generator<Asked> {
    const isRepeated = this.size() <= mostRepeated
    for (const { first, more } of this.runs) {
      yield* first
      for (let at = 0; at < more.length; at++) {
        if (isRepeated) yield* first
        yield* isRepeated ? more.slice(0, at + 1) : more.slice(at, at + 1)
      }
    }
  }

  private size(): number {
    let size = 0
    for (const { first, more } of this.runs)
      size += first.length * (more.length + 1) + (more.length * (more.length + 1)) / 2
    return size
  }
}

class High {
  private readonly declarations: readonly Declaration[]
  private readonly byId: ReadonlyMap<string, Declaration>
  /** `module NUL value of any argument` → calls that have it. */
  private byValue: Map<string, Call[]> | undefined
  /** `name` → module and ID of the last call that has it. */
  private byName: Map<string, [string, string]> | undefined

  constructor(declarations: readonly Declaration[]) {
    this.declarations = declarations
    this.byId = new Map(declarations.map((declaration) => [declaration.id, declaration]))
  }

  /** What the entries of one argument mean. */
  askedBy({ value }: Argument): Rounds {
    const rounds = new Rounds()
    if (isDict(value)) for (const [module, name] of value) rounds.begin([asked(module, name)])
    if (!isList(value)) return rounds
    for (const item of value) {
      const entry = isDict(item) ? [...item][0] : this.bare(item)
      if (entry === undefined) continue
      const one = asked(...entry)
      if (one.module === 'sls') rounds.begin(this.ofSls(one.name))
      else rounds.add(one)
    }
    return rounds
  }

  /** An ID means its first call; a name the last call that has it. */
  private bare(item: Value): [string, string] | undefined {
    if (typeof item !== 'string') return undefined
    const first = this.byId.get(item)?.calls[0]
    return first === undefined ? this.names().get(item) : [first.module, item]
  }

  private names(): ReadonlyMap<string, [string, string]> {
    if (this.byName !== undefined) return this.byName
    const byName = new Map<string, [string, string]>()
    for (const { id, calls } of this.declarations)
      for (const { module, args } of calls)
        for (const { name, value } of args)
          if (name === 'name' && typeof value === 'string') byName.set(value, [module, id])
    this.byName = byName
    return byName
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
