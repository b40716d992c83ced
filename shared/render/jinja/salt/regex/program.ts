/** Makes of a regular expression's nodes the instructions that the machine runs. */
import type { Anchor, CharacterTest, Node, Repeat } from './nodes.ts'

export type Instruction =
  | { readonly op: 'one'; readonly test: CharacterTest }
  | {
      readonly op: 'run'
      readonly test: CharacterTest
      readonly min: number
      readonly max: number
      readonly lazy: boolean
    }
  | { readonly op: 'anchor'; readonly anchor: Anchor }
  | { readonly op: 'reference'; readonly group: number; readonly ignoreCase: boolean }
  /** Goes on with the next instruction; `other` is tried when that fails. */
  | { readonly op: 'try'; readonly other: number }
  | { readonly op: 'jump'; readonly to: number }
  | { readonly op: 'save'; readonly register: number }
  | { readonly op: 'loop-start'; readonly counter: number; readonly last: number }
  | LoopInstruction
  | {
      readonly op: 'look'
      readonly behind: number | undefined
      readonly negated: boolean
      readonly after: number
    }
  | { readonly op: 'atomic'; readonly after: number }
  | { readonly op: 'condition'; readonly group: number; readonly otherwise: number }
  | { readonly op: 'end' }

export interface LoopInstruction {
  readonly op: 'loop'
  /** Register with the number of rounds begun. */
  readonly counter: number
  /** Register with the place where the last optional round began: a round that takes nothing is the last one. */
  readonly last: number
  readonly min: number
  readonly max: number
  readonly lazy: boolean
  readonly body: number
  readonly exit: number
}

export interface Program {
  readonly instructions: readonly Instruction[]
  /** Two for each group (start and end, group 0 the whole), then those of the loops. */
  readonly registers: number
}

export function compileProgram(root: Node, groupCount: number): Program {
  const compiler = new Compiler(2 * (groupCount + 1))
  compiler.emit(root)
  compiler.add({ op: 'end' })
  return { instructions: compiler.instructions, registers: compiler.registers }
}

class Compiler {
  readonly instructions: Instruction[] = []
  registers: number

  constructor(registers: number) {
    this.registers = registers
  }

  add(instruction: Instruction): number {
    return this.instructions.push(instruction) - 1
  }

  private get here(): number {
    return this.instructions.length
  }

  /** An instruction whose target is known later. */
  private later(make: (target: number) => Instruction): () => void {
    const at = this.add(make(0))
    return () => {
      this.instructions[at] = make(this.here)
    }
  }

  emit(node: Node): void {
    switch (node.kind) {
      case 'character':
        this.add({ op: 'one', test: node.test })
        return
      case 'sequence':
        for (const item of node.items) this.emit(item)
        return
      case 'alternatives':
        this.alternatives(node.options)
        return
      case 'group':
        this.add({ op: 'save', register: 2 * node.index })
        this.emit(node.body)
        this.add({ op: 'save', register: 2 * node.index + 1 })
        return
      case 'repeat':
        this.repeat(node)
        return
      case 'look': {
        const close = this.later((after) => ({
          op: 'look',
          behind: node.behind,
          negated: node.negated,
          after,
        }))
        this.emit(node.body)
        this.add({ op: 'end' })
        close()
        return
      }
      case 'atomic':
        this.atomic(() => this.emit(node.body))
        return
      case 'reference':
        this.add({ op: 'reference', group: node.group, ignoreCase: node.ignoreCase })
        return
      case 'condition': {
        const toNo = this.later((otherwise) => ({ op: 'condition', group: node.group, otherwise }))
        this.emit(node.yes)
        const toEnd = this.later((to) => ({ op: 'jump', to }))
        toNo()
        this.emit(node.no)
        toEnd()
        return
      }
      case 'anchor':
        this.add({ op: 'anchor', anchor: node.anchor })
    }
  }

  private alternatives(options: readonly Node[]): void {
    const ends: (() => void)[] = []
    options.forEach((option, index) => {
      const isLast = index === options.length - 1
      const toNext = isLast ? undefined : this.later((other) => ({ op: 'try', other }))
      this.emit(option)
      if (!isLast) ends.push(this.later((to) => ({ op: 'jump', to })))
      toNext?.()
    })
    for (const end of ends) end()
  }

  private atomic(emitBody: () => void): void {
    const close = this.later((after) => ({ op: 'atomic', after }))
    emitBody()
    this.add({ op: 'end' })
    close()
  }

  private repeat(node: Repeat): void {
    if (node.mode === 'possessive') {
      this.atomic(() => this.repeat({ ...node, mode: 'greedy' }))
      return
    }
    const lazy = node.mode === 'lazy'
    const { min, max } = node
    const single = onlyCharacter(node.body)
    if (single !== undefined) {
      this.add({ op: 'run', test: single, min, max, lazy })
      return
    }
    const counter = this.registers
    const last = counter + 1
    this.registers += 2
    this.add({ op: 'loop-start', counter, last })
    const head = this.here
    const close = this.later((exit) => ({ op: 'loop', counter, last, min, max, lazy, body: head + 1, exit }))
    this.emit(node.body)
    this.add({ op: 'jump', to: head })
    close()
  }
}

/** The test of a node that is one character, however wrapped. */
function onlyCharacter(node: Node): CharacterTest | undefined {
  if (node.kind === 'character') return node.test
  const [only] = node.kind === 'sequence' ? node.items : []
  return node.kind === 'sequence' && node.items.length === 1 && only !== undefined
    ? onlyCharacter(only)
    : undefined
}
