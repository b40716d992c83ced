/**
 * What the machine answered to one rendering. Templates run without waiting: a call whose answer is not here ends the
 * rendering, the answer is waited for, and the template is rendered again. The n-th call gets the n-th answer, chance
 * and the clock repeat themselves, so every rendering comes by the same way to the next call.
 */
import type { Place } from '../data/place.ts'
import { equalValues, type Value } from '../data/value.ts'
import { TsaltError } from '../errors/error.ts'
import type { HostFunctions, HostKeywords } from './host.ts'

/** Answers that one rendering may wait for; each costs a rendering up to its call. */
export const mostAwaited = 1_000
/** Calls of one rendering, those that are answered at once included. */
export const mostCalls = 100_000

/** Thrown through a template that waits for an answer. */
export class HostWanted extends Error {
  readonly call: HostCall
  /** Where the template calls it: set by the first who knows. */
  place: Place | undefined

  constructor(call: HostCall) {
    super(`the answer of ${call.name} is not here yet`)
    this.call = call
  }
}

interface HostCall {
  readonly name: string
  readonly args: readonly Value[]
  readonly keywords: HostKeywords
}

type Outcome = { readonly value: Value } | { readonly error: unknown }

/** What is drawn at random, or read from a clock: the same again after `rewind`. */
export class Tape {
  private drawn: number[] | undefined
  private at = 0

  next(draw: () => number): number {
    this.drawn ??= []
    const known = this.drawn[this.at]
    this.at += 1
    if (known !== undefined) return known
    const fresh = draw()
    this.drawn.push(fresh)
    return fresh
  }

  rewind(): void {
    this.at = 0
  }
}

export class HostLog {
  private readonly functions: HostFunctions | undefined
  private readonly entries: { readonly call: HostCall; readonly outcome: Outcome }[] = []
  private at = 0
  private awaited = 0
  readonly chance = new Tape()
  readonly clock = new Tape()
  private said: (readonly [level: string, message: string])[] | undefined

  constructor(functions: HostFunctions | undefined) {
    this.functions = functions
  }

  /** Before each rendering. */
  rewind(): void {
    this.at = 0
    this.said = undefined
    this.chance.rewind()
    this.clock.rewind()
  }

  has(name: string): boolean {
    return this.functions?.has(name) ?? false
  }

  why(name: string): string | undefined {
    return this.functions?.why?.(name)
  }

  names(): readonly string[] {
    return this.functions?.names() ?? []
  }

  /**
   * @param args copies, which nothing changes later
   * @throws HostWanted where it must be waited for; the function's own error
   */
  ask(name: string, args: readonly Value[], keywords: HostKeywords): Value {
    const call = { name, args, keywords }
    const known = this.entries[this.at]
    if (known !== undefined && sameCall(known.call, call)) {
      this.at += 1
      return outcomeValue(known.outcome)
    }
    // A rendering that goes another way than before: what follows was asked for on the other.
    this.entries.length = this.at
    if (this.at >= mostCalls) throw new TsaltError('template-calls-limit', { limit: mostCalls })
    const outcome = this.atOnce(call)
    if (outcome === undefined) throw new HostWanted(call)
    this.add(call, outcome)
    return outcomeValue(outcome)
  }

  private atOnce({ name, args, keywords }: HostCall): Outcome | undefined {
    try {
      const value = this.functions?.now?.(name, args, keywords)
      return value === undefined ? undefined : { value }
    } catch (error) {
      return { error }
    }
  }

  private add(call: HostCall, outcome: Outcome): void {
    this.entries.push({ call, outcome })
    this.at = this.entries.length
  }

  /** Waits for the answer; what goes wrong is the template's to fail with, when it is rendered again. */
  async wait({ call, place }: HostWanted): Promise<void> {
    this.awaited += 1
    if (this.awaited > mostAwaited)
      throw new TsaltError('template-calls-limit', { limit: mostAwaited }, { place })
    const { name, args, keywords } = call
    let outcome: Outcome
    try {
      if (this.functions === undefined) throw new TsaltError('template-call-unknown', { fun: name })
      outcome = { value: await this.functions.call(name, args, keywords, place) }
    } catch (error) {
      outcome = { error }
    }
    this.entries.push({ call, outcome })
  }

  /** Kept until the rendering is through, so that nothing is said twice. */
  say(level: string, message: string): void {
    this.said ??= []
    this.said.push([level, message])
  }

  tell(log: ((level: string, message: string) => void) | undefined): void {
    if (this.said === undefined) return
    for (const [level, message] of this.said) log?.(level, message)
    this.said = undefined
  }
}

function outcomeValue(outcome: Outcome): Value {
  if ('error' in outcome) throw outcome.error
  return outcome.value
}

function sameCall(a: HostCall, b: HostCall): boolean {
  return a.name === b.name && equalValues([...a.args], [...b.args]) && sameKeywords(a.keywords, b.keywords)
}

function sameKeywords(a: HostKeywords, b: HostKeywords): boolean {
  if (a.size !== b.size) return false
  return [...a].every(([name, value]) => b.has(name) && equalValues(value, b.get(name) ?? null))
}
