/** file.uncomment: comments whose text a regular expression finds become lines that count. */
import * as v from 'valibot'
import { defaulted, needed } from '../../../shared/schema/argument.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { flag, nonEmptyText } from '../../../shared/schema/scalars.ts'
import { failed, inSync, stateFunction } from '../contract.ts'
import { backupEnding } from './argument-shapes.ts'
import { isUncommented, lineExpression, uncommentLines } from './commented-lines.ts'
import { type Edit, editFile, type FileText } from './edit.ts'
import { expressionMistake, withExpressions } from './expression.ts'

const args = v.strictObject({
  name: needed(absolutePath, 'The file.'),
  regex: needed(
    nonEmptyText,
    "Regular expression in Python's syntax for the line without its comment character.",
  ),
  char: defaulted(nonEmptyText, '#', 'What makes a line a comment.'),
  backup: defaulted(backupEnding, '.bak', 'Ending of the copy that is kept beside the file; False: none.'),
  show_changes: defaulted(flag, true, 'False: show no diff.'),
})
type UncommentArguments = v.InferOutput<typeof args>

export const uncomment = stateFunction({
  summary: 'Makes sure that the lines which a regular expression finds are no comments.',
  args,
  examples: ['/etc/adduser.conf:\n  file.uncomment:\n    - regex: EXTRA_GROUPS\n'],
  refuse: ({ regex }) => {
    const mistake = expressionMistake(lineExpression(regex))
    return mistake === undefined ? undefined : { argument: 'regex', reason: mistake }
  },
  check: (wanted, look, run) =>
    editFile(wanted, look, run, (file) => withExpressions(() => uncommented(wanted, file))),
})

function uncommented({ name, regex, char }: UncommentArguments, file: FileText): Edit {
  const text = uncommentLines(file.text, file.own(regex), file.own(char))
  const words = { would: `File ${name} is set to be updated`, done: 'Uncommented lines successfully' }
  if (text !== file.text) return { text, ...words }
  if (isUncommented(file.text, file.own(regex))) return inSync('Pattern already uncommented')
  return failed(`${regex}: Pattern not found`, 'The expression is matched after the comment character.')
}
