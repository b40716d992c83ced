/** The variables of one template while it runs: its own, those it was handed, those of its file, the globals. */
import type { Output } from './output.ts'
import type { Runtime } from './runtime.ts'
import type { RuntimeValue } from './values.ts'

/** Code of a block; the same block of parents follows in the list. */
export interface Block {
  readonly run: (runtime: Runtime, context: TemplateContext, output: Output) => void
  readonly required: boolean
}

export class TemplateContext {
  private own: Map<string, RuntimeValue> | undefined
  private exported: Set<string> | undefined
  private readonly handed: ReadonlyMap<string, RuntimeValue> | undefined
  private readonly outer: TemplateContext | undefined
  /** Name of the file and folder: its own, or those of the template whose context it has. */
  readonly file: ReadonlyMap<string, RuntimeValue>
  private readonly global: (name: string) => RuntimeValue | undefined
  private ownBlocks: Map<string, Block[]> | undefined
  /** A parent renders in this template's stead. */
  extended = false

  constructor(
    global: (name: string) => RuntimeValue | undefined,
    file: ReadonlyMap<string, RuntimeValue>,
    handed?: ReadonlyMap<string, RuntimeValue>,
    outer?: TemplateContext,
    blocks?: Map<string, Block[]>,
  ) {
    this.global = global
    this.file = file
    this.handed = handed
    this.outer = outer
    this.ownBlocks = blocks
  }

  get blocks(): Map<string, Block[]> {
    this.ownBlocks ??= new Map()
    return this.ownBlocks
  }

  get(name: string): RuntimeValue | undefined {
    const own = this.own?.get(name)
    if (own !== undefined) return own
    const file = this.file.get(name)
    if (file !== undefined) return file
    const inherited = this.inherited(name)
    return inherited === undefined ? this.global(name) : inherited
  }

  private inherited(name: string): RuntimeValue | undefined {
    const own = this.own?.get(name)
    if (own !== undefined) return own
    const handed = this.handed?.get(name)
    return handed === undefined ? this.outer?.inherited(name) : handed
  }

  /** Sets a variable that importers can have, unless it starts with an underscore. */
  set(name: string, value: RuntimeValue): void {
    this.keep(name, value)
    if (name.startsWith('_')) return
    this.exported ??= new Set()
    this.exported.add(name)
  }

  /** Sets a variable that was imported itself. */
  hold(name: string, value: RuntimeValue): void {
    this.keep(name, value)
    this.exported?.delete(name)
  }

  private keep(name: string, value: RuntimeValue): void {
    this.own ??= new Map()
    this.own.set(name, value)
  }

  exports(): Map<string, RuntimeValue> {
    const members = new Map<string, RuntimeValue>()
    for (const name of this.exported ?? []) {
      const value = this.own?.get(name)
      if (value !== undefined) members.set(name, value)
    }
    return members
  }

  /** All names, nearest first. */
  names(): string[] {
    const outer = this.outer?.names() ?? []
    return [...(this.own?.keys() ?? []), ...(this.handed?.keys() ?? []), ...outer]
  }

  /** Everything that it sees but globals; the nearest wins. */
  all(): Map<string, RuntimeValue> {
    const members = this.outer?.all() ?? new Map<string, RuntimeValue>()
    for (const [name, value] of this.handed ?? []) members.set(name, value)
    for (const [name, value] of this.own ?? []) members.set(name, value)
    return members
  }

  /** As this one, with more variables: for scoped blocks. */
  derived(handed: ReadonlyMap<string, RuntimeValue>): TemplateContext {
    return new TemplateContext(this.global, this.file, handed, this, this.blocks)
  }
}
