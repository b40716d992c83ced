/** State functions that a program `_states/NAME` of the tree answers: `{result, changes, comment}`. */
import * as v from 'valibot'
import { type Dict, isDict, isList, type Value } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { needed, optional } from '../../shared/schema/argument.ts'
import { mapping } from '../../shared/schema/collections.ts'
import { text } from '../../shared/schema/scalars.ts'
import {
  type Decision,
  drift,
  failed,
  inSync,
  type StateFunction,
  stateFunction,
} from '../states/contract.ts'
import type { Reader } from '../system/reader.ts'
import { callProgram, type Program } from './exchange.ts'

const args = v.strictObject({
  name: needed(text, 'What the state is about.'),
  arguments: optional(mapping, 'All other arguments.'),
})

interface Answered {
  /** null: a dry run that would change something. */
  readonly result: boolean | null
  readonly changes: Dict
  readonly comment: string
}

/** @param fun `module.function` */
export function programState(fun: string, program: Program): StateFunction {
  return stateFunction({
    summary: `Seen to by the program ${program.file}.`,
    args,
    examples: [],
    restArguments: 'arguments',
    repeats: true,
    check: async (given, look, run): Promise<Decision> => {
      const request = (test: boolean): Dict => requestOf(fun, given, look, test)
      if (run.test)
        return predicted(readAnswer(program, await callProgram(program, request(true), look.commands.query)))
      const comments = { would: '', done: '' }
      return drift({}, comments, async (act) => {
        const answer = readAnswer(program, await callProgram(program, request(false), act.commands.run))
        const { changes, comment } = answer
        return { ok: answer.result !== false, changes, comment }
      })
    },
  })
}

function requestOf(fun: string, given: v.InferOutput<typeof args>, look: Reader, test: boolean): Dict {
  const all: Dict = new Map<string, Value>([['name', given.name]]) as Dict
  for (const [key, value] of given.arguments ?? []) all.set(key, value)
  const request: Dict = new Map()
  request.set('fun', fun)
  request.set('args', all)
  request.set('test', test)
  request.set('grains', look.grains)
  request.set('pillar', look.pillar)
  return request
}

function predicted({ result, changes, comment }: Answered): Decision {
  if (result === false) return failed(comment)
  if (result === true && changes.size === 0) return inSync(comment)
  return drift(changes, { would: comment, done: comment }, async () => undefined)
}

function readAnswer({ file }: Program, value: Value): Answered {
  const reason = 'it did not print {"result": …, "changes": {…}, "comment": "…"}'
  if (!isDict(value)) throw new TsaltError('program-failed', { file, reason })
  const result = value.get('result')
  const changes = value.get('changes') ?? new Map()
  const comment = value.get('comment') ?? ''
  if ((result !== null && typeof result !== 'boolean') || !isDict(changes))
    throw new TsaltError('program-failed', { file, reason })
  return { result, changes, comment: isList(comment) ? comment.map(String).join('\n') : String(comment) }
}
