/** Arguments of supervisord.*. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { accountName, flag, nonEmptyText } from '../../../shared/schema/scalars.ts'
import type { ArgumentRefusal } from '../contract.ts'

const entries = {
  name: needed(nonEmptyText, 'The process, `group:process`, or all of a group: `group:`, `group:*`.'),
  user: optional(accountName, 'User to run supervisorctl as.'),
  conf_file: optional(absolutePath, "supervisor's configuration."),
  bin_env: optional(absolutePath, 'supervisorctl, or a virtual environment that has it.'),
}

export const runningArgs = v.strictObject({
  ...entries,
  restart: optional(
    flag,
    'True: restart it at every run. Not given: only when a watched state changed; False: not even then.',
  ),
  update: defaulted(
    flag,
    false,
    'Make supervisor read its configuration again, with all that changed in it, when the process is new or a watched state changed.',
  ),
})
export type RunningArguments = v.InferOutput<typeof runningArgs>

export const deadArgs = v.strictObject(entries)

/** A name is a word of supervisorctl, which also reads lines. */
export function refuseName({ name }: { name: string }): ArgumentRefusal | undefined {
  return /^[^\s-][^\s]*$/.test(name)
    ? undefined
    : { argument: 'name', reason: `"${name}" is not a process of supervisor` }
}
