/** Finds the calls that a module with an ID or a name means, without looking through all of them each time. */
import type { Call } from './call.ts'
import type { Declaration } from './document.ts'

export interface FoundCall {
  readonly declaration: Declaration
  readonly call: Call
}

export class CallIndex {
  private readonly declarations: ReadonlyMap<string, Declaration>
  private byName: Map<string, FoundCall[]> | undefined

  constructor(declarations: ReadonlyMap<string, Declaration>) {
    this.declarations = declarations
  }

  /** The call of this module below the ID, else every one whose `name` it is. Without a module: the ID's first call. */
  find(module: string | undefined, name: string): readonly FoundCall[] {
    const declaration = this.declarations.get(name)
    const call =
      module === undefined
        ? declaration?.calls[0]
        : declaration?.calls.find((candidate) => candidate.module === module)
    if (declaration !== undefined && call !== undefined) return [{ declaration, call }]
    return this.named(module, name)
  }

  /** Those whose argument `name` it is. */
  named(module: string | undefined, name: string): readonly FoundCall[] {
    this.byName ??= this.collectNames()
    return this.byName.get(`${module ?? ''}\0${name}`) ?? []
  }

  private collectNames(): Map<string, FoundCall[]> {
    const byName = new Map<string, FoundCall[]>()
    const note = (key: string, found: FoundCall): void => {
      const list = byName.get(key)
      if (list) list.push(found)
      else byName.set(key, [found])
    }
    for (const declaration of this.declarations.values()) {
      for (const call of declaration.calls) {
        const name = call.args.find((argument) => argument.name === 'name')?.value
        if (typeof name !== 'string') continue
        note(`${call.module}\0${name}`, { declaration, call })
        note(`\0${name}`, { declaration, call })
      }
    }
    return byName
  }
}
