/** file.replace: what a regular expression finds in a file becomes something else. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { flag, text, whole } from '../../../shared/schema/scalars.ts'
import { type ArgumentRefusal, inSync, stateFunction } from '../contract.ts'
import { backupEnding } from './argument-shapes.ts'
import { type Edit, editFile, type FileText, linesOf, unchanged } from './edit.ts'
import { compileRegex, expressionMistake, fileBudget, regexFlags, withExpressions } from './expression.ts'

const args = v.strictObject({
  name: needed(absolutePath, 'The file.'),
  pattern: needed(text, "Regular expression in Python's syntax; it may reach over several lines."),
  repl: needed(text, 'What every match becomes; `\\1` and `\\g<name>` are groups of the match.'),
  count: defaulted(whole, 0, 'At most so many matches are replaced; 0: all.'),
  flags: defaulted(
    regexFlags,
    8,
    "Flags of Python's `re`, such as `[IGNORECASE, MULTILINE]`, or their number.",
  ),
  append_if_not_found: defaulted(flag, false, 'Where nothing matches, add the text at the end of the file.'),
  prepend_if_not_found: defaulted(flag, false, 'Where nothing matches, add the text at its beginning.'),
  not_found_content: optional(text, 'What is added then; default: `repl`.'),
  backup: defaulted(backupEnding, '.bak', 'Ending of the copy that is kept beside the file; False: none.'),
  show_changes: defaulted(flag, true, 'False: show no diff.'),
  ignore_if_missing: defaulted(flag, false, 'A file that does not exist is no failure.'),
  backslash_literal: defaulted(flag, false, 'Backslashes in `repl` stand for themselves.'),
  bufsize: optional(text, 'Accepted for trees of Salt; files are read as a whole.'),
})
type ReplaceArguments = v.InferOutput<typeof args>

export const replace = stateFunction({
  summary: 'Makes sure that what a regular expression finds in a file is replaced.',
  args,
  examples: [
    "/etc/ssh/sshd_config:\n  file.replace:\n    - pattern: '^#?PermitRootLogin .*'\n    - repl: PermitRootLogin no\n    - append_if_not_found: True\n",
    '/etc/default/grub:\n  file.replace:\n    - pattern: ^(GRUB_TIMEOUT)=\\d+$\n    - repl: \\1=2\n    - backup: False\n',
  ],
  refuse,
  check: (wanted, look, run) =>
    editFile(wanted, look, run, (file) => withExpressions(() => replaced(wanted, file))),
})

function refuse(wanted: ReplaceArguments): ArgumentRefusal | undefined {
  const mistake = expressionMistake(wanted.pattern, wanted.flags)
  if (mistake !== undefined) return { argument: 'pattern', reason: mistake }
  if (wanted.append_if_not_found && wanted.prepend_if_not_found)
    return {
      argument: 'prepend_if_not_found',
      reason: 'only one of append_if_not_found and prepend_if_not_found is permitted',
    }
  return undefined
}

const would = 'Changes would have been made'

/** Salt matches bytes, so `\w` and the case of letters are ASCII's. */
function replaced(wanted: ReplaceArguments, file: FileText): Edit {
  const { text, own } = file
  const flags = { ...wanted.flags, ascii: true }
  const regex = compileRegex(own(wanted.pattern), flags)
  const most = wanted.count === 0 ? undefined : wanted.count
  const budget = fileBudget()
  const found = regex.search(text, budget) !== undefined
  const repl = own(wanted.backslash_literal ? wanted.repl.replaceAll('\\', '\\\\') : wanted.repl)
  if (found) return { text: regex.replace(text, repl, budget, most), would }
  if (!wanted.append_if_not_found && !wanted.prepend_if_not_found) return inSync(unchanged)
  // `\1` of a match that is not there stays as it is written, as in Salt.
  const added = own(wanted.not_found_content ?? wanted.repl)
  if (isThere(text, own(wanted.not_found_content || wanted.repl), wanted.flags)) return inSync(unchanged)
  if (wanted.prepend_if_not_found) return { text: `${added}\n${text}`, would }
  const start = text === '' || text.endsWith('\n') ? text : `${text}\n`
  return { text: `${start}${added}\n`, would }
}

/** What was added in a run before, so that it is not added again: whole lines of the file. */
function isThere(text: string, added: string, { multiline, ignoreCase }: ReplaceArguments['flags']): boolean {
  const fold = (part: string): string => (ignoreCase ? part.toLowerCase() : part).replace(/\r\n/g, '\n')
  const have = fold(text)
  const want = fold(added).replace(/\n$/, '')
  if (!multiline) return have === want || have === `${want}\n` || have.startsWith(`${want}\n`)
  const lines = linesOf(`${have}\n`).map((line) => line.replace(/\n$/, ''))
  const parts = want.split('\n')
  return lines.some((_, start) => parts.every((part, index) => lines[start + index] === part))
}
