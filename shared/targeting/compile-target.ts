/** A target becomes a test of one minion: every kind of Salt but `range` and `data`, for commands and top files alike. */
import { nearest } from '../data/nearest.ts'
import { type Dict, isList, type Value } from '../data/value.ts'
import { compileRegex, RegexLimitError, RegexSyntaxError } from '../render/jinja/salt/regex/python-regex.ts'
import { compileAddressMatch } from './address-match.ts'
import { type Compound, CompoundError, isCompoundWord, type MatchKind, parseCompound } from './compound.ts'
import { compileGlob, type Glob } from './glob.ts'
import { compileDictMatch, type DictMatch, exactTest, type LeafTest } from './grain-match.ts'
import { type Subject, TargetError, type TargetKind, type TargetSource } from './target.ts'

export interface CompiledTarget {
  /** @throws TargetError where a regular expression takes too long, or a pillar is needed that a Subject has not */
  readonly matches: (subject: Subject) => boolean
  /** The grains that it looks at; undefined: any of them. */
  readonly grains: ReadonlySet<string> | undefined
  readonly needsPillar: boolean
}

type Test = (subject: Subject) => boolean

/** A nodegroup, compiled. */
interface Group {
  readonly test: Test
  readonly needs: Needs
}

interface Needs {
  /** undefined: any of them. */
  grains: Set<string> | undefined
  pillar: boolean
}

interface Context {
  readonly nodegroups: Dict | undefined
  readonly exactPillars: boolean
  /** Nodegroups that this one is written in, outermost first. */
  readonly inside: readonly string[]
  readonly offset: number | undefined
  /** Shared by all parts. */
  readonly known: Map<string, Group>
  readonly needs: Needs
}

/** @throws TargetError */
export function compileTarget(source: TargetSource): CompiledTarget {
  const { kind, expression, delimiter, nodegroups, exactPillars = false } = source
  const needs = noNeeds()
  const context = { nodegroups, exactPillars, inside: [], offset: undefined, known: new Map(), needs }
  const matches = compilers[kind](expression, context, delimiter)
  return { matches, grains: needs.grains, needsPillar: needs.pillar }
}

type Compile = (expression: string, context: Context, delimiter?: string) => Test

const compilers: Readonly<Record<TargetKind | MatchKind, Compile>> = {
  glob: (expression) => {
    const glob = compileGlob(expression)
    return ({ id }) => glob(id)
  },
  list: (expression) => {
    const ids = new Set(expression.split(',').map((id) => id.trim()))
    return ({ id }) => ids.has(id)
  },
  pcre: (expression, context) => {
    const test = regexTest(expression, context, false)
    return ({ id }) => test(id)
  },
  grain: onGrains(() => undefined),
  grain_pcre: onGrains(leafRegex),
  pillar: onPillar((context) => (isBound(context) ? exactTest : undefined), /[*?[]/),
  pillar_exact: onPillar(() => exactTest),
  pillar_pcre: onPillar(leafRegex, /^/),
  ipcidr: (expression, context) => {
    const matches = compileAddressMatch(expression)
    if (matches === undefined)
      throw new TargetError(
        `"${expression}" is neither an address nor a network`,
        'A network has no bits beyond its prefix: 10.1.0.0/16',
        context.offset,
      )
    context.needs.grains?.add('ipv4').add('ipv6')
    return ({ grains }) => matches(grains)
  },
  nodegroup: compileNodegroup,
  compound: compileCompound,
  range: (_, { offset }) => {
    throw new TargetError('there is no match type "R@"', rangeHint, offset)
  },
}

export const rangeHint =
  'Ranges come from a range server, which tsalt has not. Use a nodegroup, or a list of ids.'

function onGrains(leaf: (context: Context) => LeafTest | undefined): Compile {
  return (expression, context, delimiter) => {
    const matches = dictMatch(expression, context, delimiter, leaf(context))
    const [first = ''] = expression.split(delimiter ?? ':')
    if (first === '*') {
      context.needs.grains = undefined
      return ({ grains }) => matches(grains)
    }
    context.needs.grains?.add(first)
    const known = new Map<Value, boolean>()
    return ({ grains }) => {
      const value = grains.get(first)
      if (value === undefined) return false
      let answer = known.get(value)
      if (answer === undefined) {
        // Thousands of minions have the same few values, which their table keeps once.
        answer = matches(grains)
        if (known.size < mostKnown) known.set(value, answer)
      }
      return answer
    }
  }
}

const mostKnown = 10_000

const isBound = ({ exactPillars, inside }: Context): boolean => exactPillars && inside.length === 0

/** @param patterns what is refused where pillars are compared exactly */
function onPillar(leaf: (context: Context) => LeafTest | undefined, patterns?: RegExp): Compile {
  return (expression, context, delimiter) => {
    if (isBound(context) && patterns?.test(expression))
      throw new TargetError(
        `"${expression}" looks for a pattern in pillars of others`,
        'Name the whole value, I@role:web, or have the operator make a nodegroup of it.',
        context.offset,
      )
    const matches = dictMatch(expression, context, delimiter, leaf(context))
    context.needs.pillar = true
    return ({ pillar }) => {
      if (pillar !== undefined) return matches(pillar)
      throw new TargetError('the top file of pillars cannot look into the pillar', undefined, context.offset)
    }
  }
}

function dictMatch(
  expression: string,
  { offset }: Context,
  delimiter = ':',
  test?: LeafTest | undefined,
): DictMatch {
  if (!expression.includes(delimiter))
    throw new TargetError(
      `"${expression}" has no "${delimiter}" between a name and its value`,
      `For those that have it at all: ${expression}${delimiter}*`,
      offset,
    )
  return compileDictMatch(expression, delimiter, test)
}

function leafRegex(context: Context): LeafTest {
  return (rest) => regexTest(rest, context, true)
}

/** Anchored at the start, as Python's `re.match`; in bounded time. */
function regexTest(pattern: string, { offset }: Context, ignoreCase: boolean): Glob {
  const shown = pattern.slice(0, 120)
  try {
    const regex = compileRegex(pattern, { ignoreCase })
    return (text) => {
      try {
        return regex.match(text) !== undefined
      } catch (error) {
        if (error instanceof RegexLimitError)
          throw new TargetError(`the regular expression "${shown}" takes too long`, undefined, offset)
        throw error
      }
    }
  } catch (error) {
    if (error instanceof RegexSyntaxError)
      throw new TargetError(
        `the regular expression "${shown}" cannot be read: ${error.message}`,
        undefined,
        offset,
      )
    throw error
  }
}

function compileCompound(expression: string, context: Context): Test {
  try {
    return testOf(parseCompound(expression), context)
  } catch (error) {
    if (!(error instanceof CompoundError)) throw error
    const group = context.inside.at(-1)
    if (group === undefined) throw new TargetError(error.message, error.hint, error.offset)
    throw new TargetError(`in the nodegroup "${group}", ${error.message}`, error.hint, context.offset)
  }
}

function testOf(compound: Compound, context: Context): Test {
  switch (compound.kind) {
    case 'operand': {
      const { kind, expression, delimiter, offset } = compound.operand
      // Inside of a nodegroup the place is that of its name in the expression that was typed.
      const at = context.inside.length === 0 ? { ...context, offset } : context
      return compilers[kind](expression, at, delimiter)
    }
    case 'not': {
      const inner = testOf(compound.inner, context)
      return (subject) => !inner(subject)
    }
    case 'and':
    case 'or': {
      const tests = cheapestFirst(compound.parts, context)
      return compound.kind === 'and'
        ? (subject) => tests.every((test) => test(subject))
        : (subject) => tests.some((test) => test(subject))
    }
  }
}

/**
 * Names first, then grains, then pillars: a pillar is compiled only where the rest leaves the question open, and a
 * minion whose grains nobody knows is meant where its name suffices.
 */
function cheapestFirst(parts: readonly Compound[], context: Context): Test[] {
  const ranked = parts.map((part) => {
    const needs = noNeeds()
    const test = testOf(part, { ...context, needs })
    addNeeds(context.needs, needs)
    return { test, cost: needs.pillar ? 2 : needs.grains?.size === 0 ? 0 : 1 }
  })
  return ranked.sort((a, b) => a.cost - b.cost).map(({ test }) => test)
}

const noNeeds = (): Needs => ({ grains: new Set(), pillar: false })

function addNeeds(to: Needs, more: Needs): void {
  if (more.grains === undefined) to.grains = undefined
  else for (const name of more.grains) to.grains?.add(name)
  to.pillar ||= more.pillar
}

function compileNodegroup(name: string, context: Context): Test {
  const known = context.known.get(name)
  if (known !== undefined) {
    addNeeds(context.needs, known.needs)
    return known.test
  }
  const path = [...context.inside, name]
  const { offset } = context
  if (context.inside.includes(name))
    throw new TargetError(`nodegroups name each other in a circle: ${path.join(' → ')}`, undefined, offset)
  const members = context.nodegroups?.get(name)
  if (members === undefined) {
    const near = nearest(name, [...(context.nodegroups?.keys() ?? [])].map(String))
    const hint =
      near === undefined ? 'Nodegroups are an option of the configuration.' : `Did you mean "${near}"?`
    throw new TargetError(`there is no nodegroup "${name}"`, hint, offset)
  }
  const needs = noNeeds()
  const test = once(compileMembers(members, { ...context, inside: path, needs }))
  addNeeds(context.needs, needs)
  context.known.set(name, { test, needs })
  return test
}

/** Groups of groups may ask for one of them any number of times. */
function once(test: Test): Test {
  const answers = new WeakMap<Subject, boolean>()
  return (subject) => {
    let answer = answers.get(subject)
    if (answer === undefined) {
      answer = test(subject)
      answers.set(subject, answer)
    }
    return answer
  }
}

function compileMembers(members: Value, context: Context): Test {
  if (typeof members === 'string') return compileCompound(members, context)
  if (isList(members)) {
    const words = members.map(String)
    if (words.some((word) => isCompoundWord(word))) return compileCompound(words.join(' '), context)
    const ids = new Set(words)
    return ({ id }) => ids.has(id)
  }
  throw new TargetError(
    `the nodegroup "${context.inside.at(-1)}" is neither an expression nor a list`,
    undefined,
    context.offset,
  )
}
