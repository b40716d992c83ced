/** Which variable a name means in each scope, found before code is made: Jinja decides that once, not as it runs. */

import { namesIn } from './node-walk.ts'
import type { Expression, Statement, Target } from './nodes.ts'

/** How a variable gets its value where its scope begins. */
export type Load =
  | { readonly kind: 'parameter' }
  | { readonly kind: 'resolve'; readonly name: string }
  | { readonly kind: 'alias'; readonly of: string }
  | { readonly kind: 'undefined' }

const parameter: Load = { kind: 'parameter' }

/** The names of one scope. Identifiers are made of numbers: nothing of a name stands in the code. */
export class Symbols {
  readonly parent: Symbols | undefined
  private readonly identify: (name: string, level: number) => string
  private readonly level: number
  readonly loads: Map<string, Load>
  private readonly refs: Map<string, string>
  private readonly stores: Set<string>

  constructor(
    parent: Symbols | undefined,
    identify: (name: string, level: number) => string,
    from?: Symbols,
  ) {
    this.parent = parent
    this.identify = identify
    this.level = from?.level ?? (parent === undefined ? 0 : parent.level + 1)
    this.refs = new Map(from?.refs)
    this.loads = new Map(from?.loads)
    this.stores = new Set(from?.stores)
  }

  inner(): Symbols {
    return new Symbols(this, this.identify)
  }

  copy(): Symbols {
    return new Symbols(this.parent, this.identify, this)
  }

  findRef(name: string): string | undefined {
    return this.refs.get(name) ?? this.parent?.findRef(name)
  }

  findLoad(ref: string): Load | undefined {
    return this.loads.get(ref) ?? this.parent?.findLoad(ref)
  }

  private define(name: string, load: Load): string {
    const ref = this.identify(name, this.level)
    this.refs.set(name, ref)
    this.loads.set(ref, load)
    return ref
  }

  declare(name: string): string {
    this.stores.add(name)
    return this.define(name, parameter)
  }

  store(name: string): void {
    this.stores.add(name)
    if (this.refs.has(name)) return
    const outer = this.parent?.findRef(name)
    this.define(name, outer === undefined ? { kind: 'undefined' } : { kind: 'alias', of: outer })
  }

  load(name: string): void {
    if (this.findRef(name) === undefined) this.define(name, { kind: 'resolve', name })
  }

  /** What some branches set and others do not starts with what the name means outside. */
  join(branches: readonly Symbols[]): void {
    const counts = new Map<string, number>()
    for (const branch of branches)
      for (const name of branch.stores)
        if (!this.stores.has(name)) counts.set(name, (counts.get(name) ?? 0) + 1)
    for (const branch of branches) {
      for (const [name, ref] of branch.refs) this.refs.set(name, ref)
      for (const [ref, load] of branch.loads) this.loads.set(ref, load)
      for (const name of branch.stores) this.stores.add(name)
    }
    for (const [name, count] of counts) {
      const ref = this.findRef(name)
      if (count === branches.length || ref === undefined) continue
      const outer = this.parent?.findRef(name)
      this.loads.set(ref, outer === undefined ? { kind: 'resolve', name } : { kind: 'alias', of: outer })
    }
  }

  /** All names that are set here or outside, with their variables. */
  allStores(): Map<string, string> {
    const all = new Map<string, string>()
    for (let scope: Symbols | undefined = this; scope !== undefined; scope = scope.parent)
      for (const name of scope.stores) {
        const ref = all.has(name) ? undefined : this.findRef(name)
        if (ref !== undefined) all.set(name, ref)
      }
    return all
  }

  /** Finds the names of statements that stand in this scope. */
  visit(statements: readonly Statement[]): void {
    for (const statement of statements) this.visitStatement(statement)
  }

  private visitStatement(node: Statement): void {
    switch (node.kind) {
      case 'print':
      case 'do':
        this.visitExpression(node.value)
        return
      case 'for':
        this.visitExpression(node.iterable)
        return
      case 'if':
        this.visitIf(node.test, node.body, node.elifs, node.otherwise)
        return
      case 'macro':
        this.store(node.name)
        return
      case 'callblock':
        this.visitExpression(node.call)
        return
      case 'filterblock':
        this.visitExpression(node.filter)
        return
      case 'with':
        for (const value of node.values) this.visitExpression(value)
        return
      case 'set':
        this.visitExpression(node.value)
        this.visitTarget(node.target)
        return
      case 'setblock':
        if (node.filter !== undefined) this.visitExpression(node.filter)
        this.visitTarget(node.target)
        return
      case 'extends':
      case 'include':
        this.visitExpression(node.template)
        return
      case 'import':
        this.visitExpression(node.template)
        this.store(node.target)
        return
      case 'fromimport':
        this.visitExpression(node.template)
        for (const { as } of node.names) this.store(as)
        return
      case 'autoescape':
        this.visitExpression(node.value)
        this.visit(node.body)
        return
      default:
        return
    }
  }

  private visitIf(
    test: Expression,
    body: readonly Statement[],
    elifs: readonly { readonly test: Expression; readonly body: readonly Statement[] }[],
    otherwise: readonly Statement[],
  ): void {
    this.visitExpression(test)
    const inBody = this.copy()
    inBody.visit(body)
    const inElifs = this.copy()
    for (const elif of elifs) inElifs.visitIf(elif.test, elif.body, [], [])
    const inElse = this.copy()
    inElse.visit(otherwise)
    this.join([inBody, inElifs, inElse])
  }

  visitTarget(target: Target, asParameter = false): void {
    if (target.kind === 'tuple') for (const item of target.items) this.visitTarget(item, asParameter)
    else if (target.kind === 'namespace') this.load(target.name)
    else if (asParameter) this.declare(target.name)
    else this.store(target.name)
  }

  visitExpression(node: Expression): void {
    for (const name of namesIn(node)) this.load(name)
  }
}

/** The names that an expression asks for, in order. */
