/** Functions that Salt has and that make no sense here: each says why, and what to do instead. */
import * as v from 'valibot'
import { TsaltError } from '../../shared/errors/error.ts'
import { optional } from '../../shared/schema/argument.ts'
import { anything, mapping } from '../../shared/schema/collections.ts'
import { type ExecFunction, execFunction } from './contract.ts'

const args = v.strictObject({
  args: optional(anything, 'Whatever is given.'),
  options: optional(mapping, 'Whatever is given by name.'),
})

/** @param fun `saltutil.revoke_auth` @param reason a sentence without its full stop: what to do instead */
export const refusing = (fun: string, reason: string): ExecFunction =>
  execFunction({
    summary: `Refused: ${reason}.`,
    args,
    rest: 'args',
    restKeywords: 'options',
    examples: [`tsalt web1 ${fun}`],
    readOnly: true,
    run: async () => {
      throw new TsaltError('function-failed', { fun, reason })
    },
  })

/** By the name of the function, of one module. */
export const allRefused = (module: string, reasons: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(reasons).map(([name, reason]) => [name, refusing(`${module}.${name}`, reason)]),
  )
