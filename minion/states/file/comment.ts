/** file.comment: lines that a regular expression finds get a comment character. */
import * as v from 'valibot'
import { defaulted, needed } from '../../../shared/schema/argument.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { flag, nonEmptyText } from '../../../shared/schema/scalars.ts'
import { failed, inSync, stateFunction } from '../contract.ts'
import { backupEnding } from './argument-shapes.ts'
import { commentLines, isCommented, lineExpression } from './commented-lines.ts'
import { type Edit, editFile, type FileText } from './edit.ts'
import { expressionMistake, withExpressions } from './expression.ts'

const args = v.strictObject({
  name: needed(absolutePath, 'The file.'),
  regex: needed(
    nonEmptyText,
    "Regular expression in Python's syntax for the start of the lines, such as `^bind`.",
  ),
  char: defaulted(nonEmptyText, '#', 'What makes a line a comment.'),
  backup: defaulted(backupEnding, '.bak', 'Ending of the copy that is kept beside the file; False: none.'),
  ignore_missing: defaulted(flag, false, 'That no line matches is no failure.'),
  show_changes: defaulted(flag, true, 'False: show no diff.'),
})
type CommentArguments = v.InferOutput<typeof args>

export const comment = stateFunction({
  summary: 'Makes sure that the lines which a regular expression finds are comments.',
  args,
  examples: ['/etc/fstab:\n  file.comment:\n    - regex: ^/dev/cdrom\n'],
  refuse: ({ regex }) => {
    const mistake = expressionMistake(lineExpression(regex))
    return mistake === undefined ? undefined : { argument: 'regex', reason: mistake }
  },
  check: (wanted, look, run) =>
    editFile(wanted, look, run, (file) => withExpressions(() => commented(wanted, file))),
})

function commented({ name, regex, char, ignore_missing }: CommentArguments, file: FileText): Edit {
  const mark = file.own(char)
  const text = commentLines(file.text, file.own(regex), mark)
  const words = { would: `File ${name} is set to be updated`, done: 'Commented lines successfully' }
  if (text !== file.text) return { text, ...words }
  if (isCommented(file.text, file.own(regex), mark)) return inSync('Pattern already commented')
  if (ignore_missing) return inSync('Pattern not found and ignore_missing set to True')
  return failed(`${regex}: Pattern not found`, 'The expression is matched at the start of each line.')
}
