/** `include_pat` and `exclude_pat`: shell patterns, or regular expressions as `E@…`, over paths below a directory. */
import { isList } from '../../../shared/data/value.ts'
import { readText } from '../../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../../shared/schema/shaped.ts'
import { compileGlob } from '../../../shared/targeting/glob.ts'
import { compileRegex, expressionMistake } from './expression.ts'

export interface PathPattern {
  matches(path: string): boolean
}

/** A pattern, or a list of them of which any may match. */
export const pathPattern = shaped<PathPattern>({
  words: 'pattern, or list of patterns',
  json: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
  read(value) {
    const tests: ((path: string) => boolean)[] = []
    for (const item of isList(value) ? value : [value]) {
      const pattern = readText(item)
      if (pattern === undefined) return new Mismatch(`a pattern is expected, not ${describeValue(item)}`)
      const test = pattern.startsWith('E@') ? compileExpression(pattern.slice(2)) : compileGlob(pattern)
      if (!test) return new Mismatch(`${describeValue(pattern)} is not a regular expression`)
      tests.push(test)
    }
    return { matches: (path) => tests.some((test) => test(path)) }
  },
})

/** In Python's syntax, anywhere in the path. */
function compileExpression(source: string): ((path: string) => boolean) | undefined {
  if (expressionMistake(source) !== undefined) return undefined
  const expression = compileRegex(source)
  return (path) => expression.search(path) !== undefined
}
