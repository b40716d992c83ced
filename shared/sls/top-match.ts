/** Whether a target of a top file means one minion: glob, list, grain, pillar and compounds of them. */

import { nearest } from '../data/nearest.ts'
import type { Place } from '../data/place.ts'
import type { Dict } from '../data/value.ts'
import { TsaltError } from '../errors/error.ts'
import { compileGlob } from '../targeting/glob.ts'
import { compileDictMatch } from '../targeting/grain-match.ts'

export interface TopSubject {
  readonly id: string
  readonly grains: Dict
  /** Absent in the top files of pillars. */
  readonly pillar?: Dict
}

type Test = (subject: TopSubject) => boolean

const letters: Readonly<Record<string, string>> = {
  G: 'grain',
  I: 'pillar',
  L: 'list',
  E: 'pcre',
  P: 'grain_pcre',
  J: 'pillar_pcre',
  S: 'ipcidr',
  N: 'nodegroup',
  R: 'range',
}

/**
 * @param type as after `match:`; undefined: compound, of which a plain glob is the simplest
 * @throws TsaltError `top-match-unsupported`, `top-expression-invalid`
 */
export function compileTopMatch(expression: string, type: string | undefined, place?: Place): Test {
  switch (type ?? 'compound') {
    case 'glob': {
      const glob = compileGlob(expression)
      return ({ id }) => glob(id)
    }
    case 'list': {
      const ids = new Set(expression.split(',').map((id) => id.trim()))
      return ({ id }) => ids.has(id)
    }
    case 'grain': {
      const matches = compileDictMatch(expression)
      return ({ grains }) => matches(grains)
    }
    case 'pillar': {
      const matches = compileDictMatch(expression)
      return ({ pillar }) => {
        if (pillar !== undefined) return matches(pillar)
        throw invalid(expression, 'the top file of pillars cannot look into the pillar', place)
      }
    }
    case 'compound':
      return compileCompound(expression, place)
    default:
      throw unsupported(type ?? '', place)
  }
}

const supported = ['glob', 'list', 'grain', 'pillar', 'compound']

function unsupported(type: string, place: Place | undefined): TsaltError {
  const near = Object.values(letters).includes(type) ? undefined : nearest(type, supported)
  const hint = near === undefined ? {} : { hint: `Did you mean "${near}"?` }
  return new TsaltError('top-match-unsupported', { type }, { place, ...hint })
}

function invalid(expression: string, reason: string, place: Place | undefined): TsaltError {
  return new TsaltError('top-expression-invalid', { expression, reason }, { place })
}

/** `not` binds tighter than `and`, `and` tighter than `or`, as in Python. */
function compileCompound(expression: string, place: Place | undefined): Test {
  const words = expression.match(/[^\s()]+|[()]/g) ?? []
  if (words.length === 0) throw invalid(expression, 'it is empty', place)
  // An expression of one word, or of words without operators, is a glob: ids have no spaces.
  let at = 0
  const test = either()
  if (at < words.length) throw invalid(expression, `"${words[at]}" does not belong there`, place)
  return test

  function either(): Test {
    const tests = [both()]
    while (words[at] === 'or') {
      at++
      tests.push(both())
    }
    return tests.length === 1 && tests[0] ? tests[0] : (subject) => tests.some((one) => one(subject))
  }

  function both(): Test {
    const tests = [negation()]
    while (words[at] === 'and') {
      at++
      tests.push(negation())
    }
    return tests.length === 1 && tests[0] ? tests[0] : (subject) => tests.every((one) => one(subject))
  }

  function negation(): Test {
    if (words[at] !== 'not') return operand()
    at++
    const inner = negation()
    return (subject) => !inner(subject)
  }

  function operand(): Test {
    const word = words[at++]
    if (word === undefined || word === ')' || word === 'and' || word === 'or')
      throw invalid(expression, 'an operand is missing', place)
    if (word === '(') {
      const inner = either()
      if (words[at++] !== ')') throw invalid(expression, 'a ")" is missing', place)
      return inner
    }
    const [, letter, rest] = /^([A-Z])@(.*)$/.exec(word) ?? []
    if (letter === undefined) return compileTopMatch(word, 'glob', place)
    const type = letters[letter]
    if (type === undefined) throw invalid(expression, `there is no match type "${letter}@"`, place)
    return compileTopMatch(rest ?? '', type, place)
  }
}
