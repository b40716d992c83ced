/** Whether a target of a top file means one minion: every match type of Salt but `range` and `data`. */

import { nearest } from '../data/nearest.ts'
import type { Place } from '../data/place.ts'
import { type Dict, isList, type Value } from '../data/value.ts'
import { TsaltError } from '../errors/error.ts'
import { compileRegex, RegexLimitError, RegexSyntaxError } from '../render/jinja/salt/regex/python-regex.ts'
import { compileAddressMatch } from '../targeting/address-match.ts'
import {
  type Compound,
  CompoundError,
  isCompoundWord,
  type MatchKind,
  parseCompound,
} from '../targeting/compound.ts'
import { compileGlob, type Glob } from '../targeting/glob.ts'
import { compileDictMatch, type DictMatch, exactTest, type LeafTest } from '../targeting/grain-match.ts'

export interface TopSubject {
  readonly id: string
  readonly grains: Dict
  /** Absent in the top files of pillars. */
  readonly pillar?: Dict
}

export interface TopMatch {
  readonly expression: string
  /** As after `match:`; undefined: compound, of which a plain glob is the simplest. */
  readonly type: string | undefined
  /** Option `nodegroups`: name → expression, or a list of ids or of words of an expression. */
  readonly nodegroups?: Dict | undefined
  readonly place?: Place | undefined
}

type Test = (subject: TopSubject) => boolean

/** Where a target is compiled: for messages, and to see groups that name each other in a circle. */
interface At {
  /** The whole target as it is written. */
  readonly written: string
  readonly place: Place | undefined
  readonly nodegroups: Dict | undefined
  readonly inside: readonly string[]
  /** Nodegroups compiled so far. */
  readonly known: Map<string, Test>
}

type Kind = MatchKind | 'compound' | 'pillar_exact' | 'data'

/** Reasons not to offer a match type that Salt has. */
const refused: ReadonlyMap<string, string> = new Map([
  ['range', 'Ranges come from a range server, which tsalt has not. Use a nodegroup, or match: list.'],
  ['data', 'Minions of tsalt have no data store. Use a grain or a pillar value.'],
])

const compilers: Readonly<Record<Kind, (expression: string, at: At, delimiter?: string) => Test>> = {
  glob: (expression) => {
    const glob = compileGlob(expression)
    return ({ id }) => glob(id)
  },
  list: (expression) => {
    const ids = new Set(expression.split(',').map((id) => id.trim()))
    return ({ id }) => ids.has(id)
  },
  pcre: (expression, at) => {
    const test = regexTest(expression, at, false)
    return ({ id }) => test(id)
  },
  grain: (expression, at, delimiter) => onGrains(dictMatch(expression, at, delimiter)),
  grain_pcre: (expression, at, delimiter) => onGrains(dictMatch(expression, at, delimiter, leafRegex(at))),
  pillar: (expression, at, delimiter) => onPillar(dictMatch(expression, at, delimiter), at),
  pillar_exact: (expression, at, delimiter) => onPillar(dictMatch(expression, at, delimiter, exactTest), at),
  pillar_pcre: (expression, at, delimiter) =>
    onPillar(dictMatch(expression, at, delimiter, leafRegex(at)), at),
  ipcidr: (expression, at) => {
    const matches = compileAddressMatch(expression)
    if (matches === undefined) throw invalid(at, `"${expression}" is neither an address nor a network`)
    return onGrains(matches)
  },
  nodegroup: compileNodegroup,
  compound: compileCompound,
  range: (_, at) => {
    throw unsupported('range', at.place)
  },
  data: (_, at) => {
    throw unsupported('data', at.place)
  },
}

/** @throws TsaltError `top-match-unsupported`, `top-expression-invalid`; the test throws the latter too */
export function compileTopMatch({ expression, type = 'compound', nodegroups, place }: TopMatch): Test {
  if (!Object.hasOwn(compilers, type)) throw unsupported(type, place)
  return compilers[type as Kind](expression, {
    written: expression,
    place,
    nodegroups,
    inside: [],
    known: new Map(),
  })
}

function unsupported(type: string, place: Place | undefined): TsaltError {
  const why = refused.get(type)
  const near = why === undefined ? nearest(type, Object.keys(compilers)) : undefined
  const hint = why ?? (near === undefined ? undefined : `Did you mean "${near}"?`)
  return new TsaltError('top-match-unsupported', { type }, { place, ...(hint === undefined ? {} : { hint }) })
}

function invalid({ written, place }: At, reason: string, hint?: string): TsaltError {
  return new TsaltError(
    'top-expression-invalid',
    { expression: written.slice(0, 200), reason },
    { place, ...(hint === undefined ? {} : { hint }) },
  )
}

function dictMatch(expression: string, at: At, delimiter = ':', test?: LeafTest): DictMatch {
  if (!expression.includes(delimiter))
    throw invalid(
      at,
      `"${expression}" has no "${delimiter}" between a name and its value`,
      `For those that have it at all: ${expression}${delimiter}*`,
    )
  return compileDictMatch(expression, delimiter, test)
}

const onGrains =
  (matches: DictMatch): Test =>
  ({ grains }) =>
    matches(grains)

function onPillar(matches: DictMatch, at: At): Test {
  return ({ pillar }) => {
    if (pillar !== undefined) return matches(pillar)
    throw invalid(at, 'the top file of pillars cannot look into the pillar')
  }
}

const leafRegex =
  (at: At): LeafTest =>
  (rest) =>
    regexTest(rest, at, true)

/** Anchored at the start, as Python's `re.match`; in bounded time. */
function regexTest(pattern: string, at: At, ignoreCase: boolean): Glob {
  try {
    const regex = compileRegex(pattern, { ignoreCase })
    return (text) => {
      try {
        return regex.match(text) !== undefined
      } catch (error) {
        if (error instanceof RegexLimitError)
          throw invalid(at, `the regular expression "${pattern.slice(0, 120)}" takes too long`)
        throw error
      }
    }
  } catch (error) {
    if (error instanceof RegexSyntaxError)
      throw invalid(at, `the regular expression "${pattern.slice(0, 120)}" cannot be read: ${error.message}`)
    throw error
  }
}

function compileCompound(expression: string, at: At): Test {
  try {
    return testOf(parseCompound(expression), at)
  } catch (error) {
    if (error instanceof CompoundError) throw invalid(at, error.message, error.hint)
    throw error
  }
}

function testOf(compound: Compound, at: At): Test {
  switch (compound.kind) {
    case 'operand': {
      const { kind, expression, delimiter } = compound.operand
      return compilers[kind](expression, at, delimiter)
    }
    case 'not': {
      const inner = testOf(compound.inner, at)
      return (subject) => !inner(subject)
    }
    case 'and':
    case 'or': {
      const tests = compound.parts.map((part) => testOf(part, at))
      return compound.kind === 'and'
        ? (subject) => tests.every((test) => test(subject))
        : (subject) => tests.some((test) => test(subject))
    }
  }
}

function compileNodegroup(name: string, at: At): Test {
  const known = at.known.get(name)
  if (known !== undefined) return known
  const path = [...at.inside, name]
  if (at.inside.includes(name))
    throw invalid(at, `nodegroups name each other in a circle: ${path.join(' → ')}`)
  const members = at.nodegroups?.get(name)
  if (members === undefined) {
    const near = nearest(name, [...(at.nodegroups?.keys() ?? [])].map(String))
    const hint =
      near === undefined ? 'Nodegroups are an option of the configuration.' : `Did you mean "${near}"?`
    throw invalid(at, `there is no nodegroup "${name}"`, hint)
  }
  const test = once(compileMembers(members, { ...at, inside: path }))
  at.known.set(name, test)
  return test
}

/** Groups of groups may ask for one of them any number of times. */
function once(test: Test): Test {
  const answers = new WeakMap<TopSubject, boolean>()
  return (subject) => {
    let answer = answers.get(subject)
    if (answer === undefined) {
      answer = test(subject)
      answers.set(subject, answer)
    }
    return answer
  }
}

function compileMembers(members: Value, at: At): Test {
  if (typeof members === 'string') return compileCompound(members, at)
  if (isList(members)) {
    const words = members.map(String)
    if (words.some((word) => isCompoundWord(word))) return compileCompound(words.join(' '), at)
    const ids = new Set(words)
    return ({ id }) => ids.has(id)
  }
  throw invalid(at, `the nodegroup "${at.inside.at(-1)}" is neither an expression nor a list`)
}
