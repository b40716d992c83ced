/** file.line: one line of a file ensured, inserted, replaced or deleted. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { absolutePath, mode } from '../../../shared/schema/paths.ts'
import { account, choice, flag, text } from '../../../shared/schema/scalars.ts'
import type { Reader } from '../../system/reader.ts'
import { type ArgumentRefusal, type Decision, failed, type StateRun, stateFunction } from '../contract.ts'
import { backupEnding } from './argument-shapes.ts'
import { missingAccounts } from './attributes.ts'
import { editFile } from './edit.ts'
import { expressionMistake, withExpressions } from './expression.ts'
import { editLine, lineModes } from './line-edit.ts'

const args = v.strictObject({
  name: needed(absolutePath, 'The file.'),
  mode: needed(
    choice(lineModes),
    '`ensure`: the line stands between, before or after others; `insert`; `replace` the first match; `delete` it.',
  ),
  content: optional(
    text,
    'The line. Where nothing else says which line is meant, the one that has this text.',
  ),
  match: optional(text, 'Regular expression or part of the line that is replaced or deleted.'),
  before: optional(text, 'Regular expression or part of the line that comes after it.'),
  after: optional(text, 'Regular expression or part of the line that comes before it.'),
  location: optional(
    choice(['start', 'end']),
    'With `insert`: where in the file, instead of `before` and `after`.',
  ),
  indent: defaulted(flag, true, 'Indent the line as the one that it replaces, or that is next to it.'),
  create: defaulted(flag, false, 'Make an empty file first where there is none.'),
  user: optional(account, 'Owner of the file.'),
  group: optional(account, 'Group of the file.'),
  file_mode: optional(mode, "Permissions of the file, such as '0644'."),
  backup: defaulted(backupEnding, false, 'Ending of a copy that is kept beside the file.'),
  show_changes: defaulted(flag, true, 'False: show no diff.'),
  quiet: defaulted(flag, false, 'A file that does not exist is no failure.'),
})
type LineArguments = v.InferOutput<typeof args>

export const line = stateFunction({
  summary: 'Makes sure that one line of a file is there, is another, or is gone.',
  args,
  examples: [
    '/etc/default/app:\n  file.line:\n    - mode: replace\n    - match: ^WORKERS=\n    - content: WORKERS=4\n',
    "/etc/nsswitch.conf:\n  file.line:\n    - mode: ensure\n    - content: 'netgroup: nis'\n    - after: '^rpc:'\n",
  ],
  refuse,
  check,
})

function refuse(wanted: LineArguments): ArgumentRefusal | undefined {
  const { mode: what, content, before, after, location } = wanted
  for (const argument of ['match', 'before', 'after'] as const) {
    const mistake = expressionMistake(wanted[argument] ?? '', { dotAll: true })
    if (mistake !== undefined) return { argument, reason: mistake }
  }
  if (what !== 'delete' && content === undefined)
    return { argument: 'content', reason: 'content can only be left out with the mode delete' }
  if (what === 'delete' && content === undefined && wanted.match === undefined)
    return { argument: 'match', reason: 'match or content has to say which line is deleted' }
  if (what === 'insert' && !before && !after && location === undefined)
    return { argument: 'mode', reason: 'insert needs location, before or after' }
  if (what === 'ensure' && !before && !after)
    return { argument: 'mode', reason: 'ensure needs before or after, to know where to put the line' }
  return undefined
}

async function check(wanted: LineArguments, look: Reader, run: StateRun): Promise<Decision> {
  const complaint = await missingAccounts(wanted, look, run)
  if (complaint !== undefined) return failed(complaint)
  const attributes = { user: wanted.user, group: wanted.group, mode: wanted.file_mode }
  const file = { ...wanted, attributes, ignore_if_missing: wanted.quiet }
  return editFile(file, look, run, (text) => withExpressions(() => editLine(wanted, text)))
}
