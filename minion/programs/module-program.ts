/** Execution functions that a program `_modules/NAME` of the tree answers. */
import * as v from 'valibot'
import { type Dict, isDict, isList } from '../../shared/data/value.ts'
import { optional } from '../../shared/schema/argument.ts'
import { anything, mapping } from '../../shared/schema/collections.ts'
import { type ExecFunction, execFunction } from '../modules/contract.ts'
import { callProgram, type Program } from './exchange.ts'

const args = v.strictObject({
  args: optional(anything, 'Whatever is given by position.'),
  kwargs: optional(mapping, 'Whatever is given by name.'),
})

/** @param fun `module.function`, as it was called */
export function programFunction(fun: string, program: Program): ExecFunction {
  return execFunction({
    summary: `Answered by the program ${program.file}.`,
    args,
    rest: 'args',
    restKeywords: 'kwargs',
    examples: [`tsalt '*' ${fun}`],
    readOnly: false,
    whileRendering: true,
    run: async (given, { act, look, id, dryRun }) => {
      const request: Dict = new Map()
      request.set('fun', fun)
      request.set('args', isList(given.args) ? given.args : [])
      request.set('kwargs', isDict(given.kwargs) ? given.kwargs : new Map())
      request.set('id', id)
      request.set('test', dryRun === true)
      request.set('grains', look.grains)
      request.set('pillar', look.pillar)
      return callProgram(program, request, act.commands.run)
    },
  })
}
