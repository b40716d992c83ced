/** The JavaScript of what is asked of constants before the rendering. */
import { generateExpression } from './generate-expressions.ts'
import type { Frame, Generator } from './generator.ts'
import type { Expression } from './nodes.ts'

/** A function to be run before the root, where there is anything to ask. @returns whether there is */
export function generateEarly(generator: Generator, root: Frame): boolean {
  const questions = generator.questions()
  if (questions.length === 0) return false
  const frame: Frame = { ...root, soft: true, early: true }
  generator.emit('const early=(function(R){')
  const make = (node: Expression): string => `()=>(${generateExpression(generator, node, frame)})`
  generator.functionBody(() => {
    for (const { constants, areKeys, at, whole } of questions) {
      const made = constants.map(make).join(',')
      const rest = whole === undefined ? '' : `,${make(whole)}`
      generator.emit(`R.early([${made}],${areKeys},${generator.at(at)}${rest});`)
    }
  })
  generator.emit('});')
  return true
}
