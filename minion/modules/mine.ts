/** Execution module `mine`: what other minions tell. There is no mine, and nothing that would look like an empty one. */
import * as v from 'valibot'
import { TsaltError } from '../../shared/errors/error.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { anything } from '../../shared/schema/collections.ts'
import { flag, text } from '../../shared/schema/scalars.ts'
import { execFunction, execModule } from './contract.ts'

export const mineModule = execModule({
  summary: 'What other minions tell. tsalt has no mine: every call says so.',
  functions: {
    get: execFunction({
      summary:
        'Refused: there is no mine, and an empty answer would write configuration without the other hosts.',
      args: v.strictObject({
        tgt: needed(anything, 'Which minions.'),
        fun: needed(anything, 'Which of their functions.'),
        tgt_type: defaulted(text, 'glob', 'Kind of the target.'),
        exclude_minion: optional(flag, 'Leaves this minion out.'),
      }),
      examples: ["tsalt web1 mine.get '*' network.ip_addrs"],
      readOnly: true,
      run: async ({ fun }) => {
        throw new TsaltError('mine-missing', { fun: String(fun) })
      },
    }),
  },
})
