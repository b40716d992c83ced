/** `salt.wheel`: looks after keys. */
import * as v from 'valibot'
import { isDict, type Plain } from '../../shared/data/value.ts'
import { failure } from '../../shared/run/outcome.ts'
import { needed, optional } from '../../shared/schema/argument.ts'
import { anything, mapping } from '../../shared/schema/collections.ts'
import { text } from '../../shared/schema/scalars.ts'
import { orchestrationFunction } from './contract.ts'
import { writtenCall } from './runner-words.ts'

export const callWheel = orchestrationFunction({
  summary: 'Calls a function of the wheel, which looks after keys.',
  args: v.strictObject({
    name: needed(text, 'The function: `key.accept`.'),
    arg: optional(anything, 'Its arguments by position, a list.'),
    kwarg: optional(mapping, 'Its arguments by name; they can be written beside the name as well.'),
    others: optional(mapping, 'Every other argument is one of the function.'),
  }),
  restArguments: 'others',
  examples: ['take-web4:\n  salt.wheel:\n    - name: key.accept\n    - match: web4\n'],
  predict: async ({ name }) => ({
    result: null,
    comment: `Wheel function '${name}' would be executed.`,
    changes: {},
    ran: true,
  }),
  async run({ name, ...words }, act) {
    const { fun, args, kwargs } = writtenCall(name, words)
    const ret = await act.callWheel(fun, args, kwargs)
    const changes: Plain = new Map([['return', ret]])
    if (isDict(ret) && (ret.get('success') === false || ret.get('result') === false))
      return failure(`Wheel function '${name}' failed.`, changes)
    return { result: true, comment: `Wheel function '${name}' executed.`, changes, ran: true }
  },
})
