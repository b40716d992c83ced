/**
 * Runs a regular expression over a text, going back as Python's engine does, with a stack of its own and a budget of
 * steps: no expression can hold the process.
 */
import { caseVariants, isAsciiWord, isWord } from './characters.ts'
import type { Anchor } from './nodes.ts'
import type { Instruction, LoopInstruction, Program } from './program.ts'

/** Shared by all runs of one call. */
export interface Budget {
  left: number
}

/** The budget is used up. */
export class RegexLimitError extends Error {}

/** Starts and ends of groups in characters, -1 where a group took no part; the whole match first. */
export type Registers = readonly number[]

const plainChoice = 0
const greedyRun = 1
const lazyRun = 2
const lazyLoop = 3

export class Machine {
  private readonly instructions: readonly Instruction[]
  private readonly registerCount: number
  private readonly codes: readonly number[]
  private readonly budget: Budget
  private registers: number[] = []
  /** Pairs of register and former value. */
  private readonly undo: number[] = []
  /** Fours: kind, instruction, position, length of `undo`; runs have the position of their end before. */
  private readonly choices: number[] = []
  /** The match may not end where it began. */
  private mustAdvanceFrom = -1

  constructor(program: Program, codes: readonly number[], budget: Budget) {
    this.instructions = program.instructions
    this.registerCount = program.registers
    this.codes = codes
    this.budget = budget
  }

  /** A match that begins at `at`. @throws RegexLimitError */
  matchAt(at: number, mustAdvance = false): Registers | undefined {
    this.registers = new Array<number>(this.registerCount).fill(-1)
    this.undo.length = 0
    this.choices.length = 0
    this.mustAdvanceFrom = mustAdvance ? at : -1
    const end = this.run(0, at, true)
    if (end === -1) return undefined
    this.registers[0] = at
    this.registers[1] = end
    return this.registers
  }

  /** The first match that begins at `from` or later. @throws RegexLimitError */
  search(from: number, mustAdvance = false): Registers | undefined {
    const [first] = this.instructions
    const only = first?.op === 'one' ? first.test : undefined
    const startsLine = first?.op === 'anchor' && first.anchor === 'line-start'
    for (let at = from; at <= this.codes.length; at++) {
      this.spend(1)
      const code = this.codes[at]
      if (only !== undefined && (code === undefined || !only(code))) continue
      if (startsLine && at > 0 && this.codes[at - 1] !== 10) continue
      const found = this.matchAt(at, mustAdvance && at === from)
      if (found !== undefined) return found
      if (first?.op === 'anchor' && first.anchor === 'text-start') return undefined
    }
    return undefined
  }

  private spend(steps: number): void {
    this.budget.left -= steps
    if (this.budget.left < 0) throw new RegexLimitError()
  }

  private set(register: number, value: number): void {
    this.undo.push(register, this.registers[register] ?? -1)
    this.registers[register] = value
  }

  private undoTo(length: number): void {
    while (this.undo.length > length) {
      const value = this.undo.pop() ?? -1
      this.registers[this.undo.pop() ?? 0] = value
    }
  }

  private choose(kind: number, limit: number, instruction: number, position: number): void {
    this.choices.push(limit, kind, instruction, position, this.undo.length)
  }

  /** From an instruction to its `end`. @returns the position there, -1 where nothing fits */
  private run(start: number, from: number, isWhole: boolean): number {
    const base = this.choices.length
    let pc = start
    let position = from
    for (;;) {
      this.spend(1)
      const instruction = this.instructions[pc]
      if (instruction === undefined || instruction.op === 'end') {
        if (!isWhole || position !== this.mustAdvanceFrom) {
          this.choices.length = base
          return position
        }
        pc = -1
      } else if (instruction.op === 'run') {
        position = this.runOf(instruction, pc, position)
        pc = position === -1 ? -1 : pc + 1
      } else if (instruction.op === 'one') {
        const code = this.codes[position]
        pc = code !== undefined && instruction.test(code) ? pc + 1 : -1
        position += 1
      } else if (instruction.op === 'reference') {
        position = this.reference(instruction.group, instruction.ignoreCase, position)
        pc = position === -1 ? -1 : pc + 1
      } else if (instruction.op === 'atomic') {
        position = this.run(pc + 1, position, false)
        pc = position === -1 ? -1 : instruction.after
      } else pc = this.control(instruction, pc, position)
      if (pc === -1) {
        position = this.back(base)
        pc = this.resumeAt
        if (pc === -1) return -1
      }
    }
  }

  private resumeAt = 0

  /** Takes the last choice that still leads on; the instruction to go on with is in `resumeAt`, -1: none is left. */
  private back(base: number): number {
    this.resumeAt = -1
    while (this.choices.length > base) {
      const undoLength = this.choices.pop() ?? 0
      const position = this.choices.pop() ?? 0
      const pc = this.choices.pop() ?? 0
      const kind = this.choices.pop() ?? 0
      const limit = this.choices.pop() ?? 0
      this.undoTo(undoLength)
      this.resumeAt = pc
      if (kind === plainChoice) return position
      if (kind === greedyRun) {
        if (position - 1 > limit) this.choose(greedyRun, limit, pc, position - 1)
        return position - 1
      }
      if (kind === lazyLoop) return this.oneMoreRound(pc, position)
      if (this.takesOneMore(pc, position)) {
        if (position + 1 < limit) this.choose(lazyRun, limit, pc, position + 1)
        return position + 1
      }
      this.resumeAt = -1
    }
    return -1
  }

  /** Whether the run before `pc` can take the character at `position`. */
  private takesOneMore(pc: number, position: number): boolean {
    const run = this.instructions[pc - 1]
    const code = this.codes[position]
    return run?.op === 'run' && code !== undefined && run.test(code)
  }

  private oneMoreRound(pc: number, position: number): number {
    const loop = this.instructions[pc]
    if (loop?.op === 'loop') {
      this.set(loop.counter, (this.registers[loop.counter] ?? 0) + 1)
      this.set(loop.last, position)
      this.resumeAt = loop.body
    }
    return position
  }

  private runOf(run: Extract<Instruction, { op: 'run' }>, pc: number, position: number): number {
    const { test, min, max, lazy } = run
    const wanted = lazy ? min : max
    const limit = Math.min(this.codes.length, position + wanted)
    let at = position
    while (at < limit && test(this.codes[at] ?? 0)) at += 1
    this.spend(at - position)
    if (at - position < min) return -1
    if (lazy && max > min) this.choose(lazyRun, position + max, pc + 1, at)
    if (!lazy && at > position + min) this.choose(greedyRun, position + min, pc + 1, at)
    return at
  }

  /** Instructions that take no character. @returns the next one, -1 where it fails */
  private control(instruction: Instruction, pc: number, position: number): number {
    switch (instruction.op) {
      case 'anchor':
        return this.holds(instruction.anchor, position) ? pc + 1 : -1
      case 'try':
        this.choose(plainChoice, 0, instruction.other, position)
        return pc + 1
      case 'jump':
        return instruction.to
      case 'save':
        this.set(instruction.register, position)
        return pc + 1
      case 'loop-start':
        this.set(instruction.counter, 0)
        this.set(instruction.last, -1)
        return pc + 1
      case 'loop':
        return this.loop(instruction, pc, position)
      case 'look':
        return this.look(instruction, pc, position)
      case 'condition':
        return (this.registers[2 * instruction.group + 1] ?? -1) === -1 ? instruction.otherwise : pc + 1
      default:
        return -1
    }
  }

  private loop(loop: LoopInstruction, pc: number, position: number): number {
    const count = this.registers[loop.counter] ?? 0
    if (count < loop.min) {
      this.set(loop.counter, count + 1)
      return loop.body
    }
    const more = count < loop.max && position !== this.registers[loop.last]
    if (!more) return loop.exit
    if (loop.lazy) {
      this.choose(lazyLoop, 0, pc, position)
      return loop.exit
    }
    this.choose(plainChoice, 0, loop.exit, position)
    this.set(loop.counter, count + 1)
    this.set(loop.last, position)
    return loop.body
  }

  private look(look: Extract<Instruction, { op: 'look' }>, pc: number, position: number): number {
    const start = position - (look.behind ?? 0)
    const undoLength = this.undo.length
    const found = start >= 0 && this.run(pc + 1, start, false) !== -1
    if (look.negated || !found) this.undoTo(undoLength)
    return found === look.negated ? -1 : look.after
  }

  private reference(group: number, ignoreCase: boolean, position: number): number {
    const start = this.registers[2 * group] ?? -1
    const end = this.registers[2 * group + 1] ?? -1
    if (start === -1 || end === -1) return -1
    this.spend(Math.max(0, end - start))
    for (let index = start; index < end; index++) {
      const code = this.codes[position + index - start]
      const wanted = this.codes[index] ?? 0
      if (code === wanted) continue
      if (code === undefined || !ignoreCase || !caseVariants(wanted, false).includes(code)) return -1
    }
    return position + Math.max(0, end - start)
  }

  private holds(anchor: Anchor, position: number): boolean {
    const { codes } = this
    switch (anchor) {
      case 'text-start':
        return position === 0
      case 'text-end':
        return position === codes.length
      case 'before-last-newline':
        return position === codes.length || (position === codes.length - 1 && codes[position] === 10)
      case 'line-start':
        return position === 0 || codes[position - 1] === 10
      case 'line-end':
        return position === codes.length || codes[position] === 10
      case 'word':
        return this.atBoundary(position, isWord)
      case 'not-word':
        return codes.length > 0 && !this.atBoundary(position, isWord)
      case 'ascii-word':
        return this.atBoundary(position, isAsciiWord)
      case 'ascii-not-word':
        return codes.length > 0 && !this.atBoundary(position, isAsciiWord)
    }
  }

  private atBoundary(position: number, isWordCode: (code: number) => boolean): boolean {
    const before = this.codes[position - 1]
    const after = this.codes[position]
    return (before !== undefined && isWordCode(before)) !== (after !== undefined && isWordCode(after))
  }
}
