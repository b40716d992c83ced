/** Execution functions that a module `_modules/NAME.ts` of the tree has. */
import { type Plain, toValue } from '../../shared/data/value.ts'
import { type ExecFunction, execFunction } from '../modules/contract.ts'
import { schemaOf } from './argument-schema.ts'
import type { CodeFunction } from './code-catalog.ts'

/** @param name `module.function` */
export function treeFunction(name: string, code: CodeFunction): ExecFunction {
  const { summary, args, examples, readOnly, rest, restKeywords, whileRendering } = code.description
  return execFunction({
    summary: summary === '' ? `A function of ${code.file}.` : summary,
    args: schemaOf(args),
    ...(rest !== undefined && { rest }),
    ...(restKeywords !== undefined && { restKeywords }),
    examples: examples.length > 0 ? examples : [`tsalt '*' ${name}`],
    readOnly,
    ...(whileRendering && { whileRendering }),
    run: async (given, { look, act, id }) => {
      const message = { kind: 'run', file: code.url, fun: code.fun, args: given, context: { id } }
      const { value } = await code.worker().ask({ file: code.file, look, act }, message)
      return toValue(value as Plain)
    },
  })
}
