/**
 * `key:sub:value-glob` on a mapping, as Salt's subdict_match: the path may end at any step, lists match by any of their
 * items, a bare key matches where it exists, `*` as a step means any key, and case does not count.
 */
import { type Dict, isDict, isList, PyFloat, stepInto, type Value } from '../data/value.ts'
import { compileGlob, type Glob } from './glob.ts'

export type DictMatch = (data: Dict) => boolean
/** Compiles what is left of the expression into a test of the text of a value, which comes in small letters. */
export type LeafTest = (rest: string) => Glob

const globTest: LeafTest = (rest) => compileGlob(rest.toLowerCase())

/** The value itself, without regard to case. */
export const exactTest: LeafTest = (rest) => {
  const wanted = rest.toLowerCase()
  return (text) => text === wanted
}

/** @param expression at least one delimiter in it, else nothing matches */
export function compileDictMatch(
  expression: string,
  delimiter = ':',
  compileTest: LeafTest = globTest,
): DictMatch {
  const steps = expression.split(delimiter)
  const suffixes = steps.map((_, index) => steps.slice(index).join(delimiter))
  const tests = suffixes.map((suffix) => lazily(() => compileTest(suffix)))
  const pattern: Pattern = { steps, suffixes, tests }
  return (data) => matchPaths(data, 0, pattern, new Map())
}

interface Pattern {
  readonly steps: readonly string[]
  /** suffixes[n]: what is left of the expression from step n on. */
  readonly suffixes: readonly string[]
  readonly tests: readonly Glob[]
}

/**
 * Which suffixes have been tried on which mapping. One mapping can be reached by many splits of the same path; without
 * this the time doubles with each step.
 */
type Tried = Map<Dict, Set<number>>

/** Splits what is left of the expression into a path and the rest, at every place. */
function matchPaths(data: Dict, from: number, pattern: Pattern, tried: Tried): boolean {
  const { steps } = pattern
  let reached: Value | undefined = data
  for (let split = from + 1; split < steps.length; split++) {
    const step = steps[split - 1] ?? ''
    if (reached !== undefined) reached = stepInto(reached, step)
    const everything = step === '*' && split === from + 1
    const found = everything ? data : reached
    if (found === undefined) continue
    if (matchFound(found, everything ? from : split, pattern, tried)) return true
  }
  return false
}

function matchFound(found: Value, rest: number, pattern: Pattern, tried: Tried): boolean {
  if (isDict(found)) return matchDict(found, rest, pattern, tried)
  if (!isList(found)) return matchScalar(found, rest, pattern)
  return found.some((item) =>
    isDict(item) ? matchDict(item, rest, pattern, tried) : matchScalar(item, rest, pattern),
  )
}

function matchDict(data: Dict, from: number, pattern: Pattern, tried: Tried): boolean {
  const done = tried.get(data) ?? new Set()
  if (done.has(from)) return false
  tried.set(data, done.add(from))

  const wildcard = pattern.steps[from] === '*' && from + 1 < pattern.steps.length
  const rest = wildcard ? from + 1 : from
  const text = pattern.suffixes[rest] ?? ''
  if (text === '*' || hasKey(data, text)) return true
  if (matchPaths(data, rest, pattern, tried)) return true
  if (!wildcard) return false
  for (const value of data.values()) if (matchFound(value, rest, pattern, tried)) return true
  return false
}

function hasKey(data: Dict, text: string): boolean {
  return data.has(text) || (/^-?\d+$/.test(text) && data.has(Number(text)))
}

function matchScalar(value: Value, rest: number, { tests }: Pattern): boolean {
  if (isDict(value) || isList(value)) return false
  return tests[rest]?.(pythonText(value).toLowerCase()) ?? false
}

/** A suffix need not be an expression that can be compiled before a value stands against it. */
function lazily(compile: () => Glob): Glob {
  let test: Glob | undefined
  return (text) => {
    test ??= compile()
    return test(text)
  }
}

/** As Python's str() writes it. */
function pythonText(value: Exclude<Value, Dict | Value[]>): string {
  if (value === null) return 'None'
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (value instanceof PyFloat) return value.value.toFixed(1)
  return String(value)
}
