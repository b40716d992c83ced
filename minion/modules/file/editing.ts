/** The functions of `file` that edit text files: each does what its state does, and answers the diff. */
import type * as v from 'valibot'
import type { Plain } from '../../../shared/data/value.ts'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { anything } from '../../../shared/schema/collections.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { flag, nonEmptyText, text, whole } from '../../../shared/schema/scalars.ts'
import type { StateFunction } from '../../states/contract.ts'
import type { ExecFunction } from '../contract.ts'
import { changing } from '../define.ts'
import { callState, type StateCall } from '../state-call.ts'

const path = needed(absolutePath, 'The file.')
const backup = optional(anything, 'Ending of the copy that is kept beside the file; False: none.')
const dryRun = defaulted(flag, false, 'Nothing is written; the answer is the same.')
const shown = {
  show_changes: defaulted(flag, true, 'The diff is the answer; False: whether something changed.'),
  dry_run: dryRun,
}
const found = {
  append_if_not_found: defaulted(flag, false, 'Where nothing matches, the text is added at the end.'),
  prepend_if_not_found: defaulted(flag, false, 'Where nothing matches, it is added at the beginning.'),
}

/** The diff, or whether something changed; the states that edit tell it as `diff`. */
function answerOf({ changed, changes }: StateCall, showChanges: boolean): Plain {
  if (!changed || !showChanges) return changed
  const { diff } = changes as { readonly diff?: Plain }
  return diff ?? true
}

interface Editing<Entries extends v.ObjectEntries> {
  readonly state: string
  readonly summary: string
  readonly example: string
  readonly entries: Entries
  load(): Promise<StateFunction>
}

function editing<Entries extends v.ObjectEntries>({
  state,
  summary,
  example,
  entries,
  load,
}: Editing<Entries>): ExecFunction {
  return changing(summary, example, { path, ...entries, ...shown }, async (given, context) => {
    const { path: name, dry_run: dry, show_changes, ...args } = given as unknown as Given
    const call = await callState(state, await load(), { name, ...args }, context, dry)
    return answerOf(call, show_changes)
  })
}

interface Given {
  readonly path: string
  readonly dry_run: boolean
  readonly show_changes: boolean
}

const commented = {
  regex: needed(nonEmptyText, "Regular expression in Python's syntax for the lines."),
  char: defaulted(nonEmptyText, '#', 'What makes a line a comment.'),
  backup,
}

export const editingFunctions = {
  replace: editing({
    state: 'file.replace',
    summary: 'Replaces what a regular expression matches in a file.',
    example: "file.replace /etc/ssh/sshd_config '^Port .*' 'Port 2222'",
    entries: {
      pattern: needed(text, "Regular expression in Python's syntax."),
      repl: needed(text, 'What every match becomes; `\\1` is a group of the match.'),
      count: defaulted(whole, 0, 'At most so many; 0: all.'),
      flags: defaulted(anything, 8, "Flags of Python's `re`: `[IGNORECASE]`, or their number."),
      ...found,
      not_found_content: optional(text, 'What is added then; default: `repl`.'),
      backup,
      ignore_if_missing: defaulted(flag, false, 'A file that does not exist is no failure.'),
      backslash_literal: defaulted(flag, false, 'Backslashes in `repl` stand for themselves.'),
    },
    load: async () => (await import('../../states/file/replace.ts')).replace,
  }),
  line: editing({
    state: 'file.line',
    summary: 'Edits one line of a file: ensure, insert, replace or delete.',
    example: "file.line /etc/nsswitch.conf 'hosts: files dns' match='^hosts:' mode=replace",
    entries: {
      content: optional(text, 'The line.'),
      match: optional(text, 'Regular expression or part of the line that is replaced or deleted.'),
      mode: needed(text, '`ensure`, `insert`, `replace` or `delete`.'),
      location: optional(text, 'With `insert`: `start` or `end` of the file.'),
      before: optional(text, 'Regular expression or part of the line that comes after it.'),
      after: optional(text, 'Regular expression or part of the line that comes before it.'),
      backup,
      quiet: defaulted(flag, false, 'A file that does not exist is no failure.'),
      indent: defaulted(flag, true, 'Indent it as its neighbours.'),
    },
    load: async () => (await import('../../states/file/line.ts')).line,
  }),
  comment: editing({
    state: 'file.comment',
    summary: 'Makes lines comments.',
    example: "file.comment /etc/modules '^pcspkr'",
    entries: commented,
    load: async () => (await import('../../states/file/comment.ts')).comment,
  }),
  uncomment: editing({
    state: 'file.uncomment',
    summary: 'Makes lines no comments any more.',
    example: "file.uncomment /etc/hosts.deny 'ALL: PARANOID'",
    entries: commented,
    load: async () => (await import('../../states/file/uncomment.ts')).uncomment,
  }),
  blockreplace: editing({
    state: 'file.blockreplace',
    summary: 'Replaces what stands between two markers in a file.',
    example: "file.blockreplace /etc/hosts '#-- start' '#-- end' '10.0.0.1 db' append_if_not_found=True",
    entries: {
      marker_start: defaulted(
        nonEmptyText,
        '#-- start managed zone --',
        'A part of the line above the block.',
      ),
      marker_end: defaulted(nonEmptyText, '#-- end managed zone --', 'A part of the line below the block.'),
      content: defaulted(text, '', 'What stands between the markers.'),
      ...found,
      backup,
      append_newline: optional(flag, 'End the content with a newline; default: where it has none.'),
      insert_before_match: optional(
        nonEmptyText,
        'Where they are not there: before the line that this finds.',
      ),
      insert_after_match: optional(nonEmptyText, 'Where they are not there: after the line that this finds.'),
    },
    load: async () => (await import('../../states/file/blockreplace.ts')).blockreplace,
  }),
  patch: editing({
    state: 'file.patch',
    summary: 'Applies a patch to a file.',
    example: 'file.patch /opt/app/run.py salt://patches/run.patch',
    entries: {
      source: needed(nonEmptyText, 'The patch: `salt://PATH` or a path on this machine.'),
      options: defaulted(text, '', 'Words for patch(1) that say how it compares.'),
    },
    load: async () => (await import('../../states/file/patch.ts')).patch,
  }),
  prepend: changing(
    'Adds lines at the beginning of a file.',
    "file.prepend /etc/motd 'first line'",
    { path, args: needed(anything, 'The lines.') },
    async ({ path: file, args }, { look, act }) => {
      const lines = (Array.isArray(args) ? args : [args]).map(String)
      const before = (await look.files.infoFollowed(file))
        ? Buffer.from(await look.files.read(file)).toString('utf8')
        : ''
      await act.files.write(file, Buffer.from(`${lines.join('\n')}\n${before}`))
      return `Prepended ${lines.length} lines to "${file}"`
    },
    { rest: 'args' },
  ),
}
