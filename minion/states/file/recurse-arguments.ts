/** The arguments of file.recurse. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { mapping } from '../../../shared/schema/collections.ts'
import { absolutePath, mode, modeOrKeep } from '../../../shared/schema/paths.ts'
import { account, flag, text, whole } from '../../../shared/schema/scalars.ts'
import { sourceList } from '../../../shared/schema/sources.ts'
import { backupChoice } from './argument-shapes.ts'
import { pathPattern } from './path-pattern.ts'

export const recurseArguments = v.strictObject({
  name: needed(absolutePath, 'The directory on the minion.'),
  source: needed(sourceList, 'Directory in the tree: `salt://PATH`. Of a list, the first that exists.'),
  user: optional(account, 'Owner of files and directories.'),
  group: optional(account, 'Group of files and directories.'),
  dir_mode: optional(mode, "Permissions of directories, such as '0755'."),
  file_mode: optional(modeOrKeep, "Permissions of files, such as '0644'; `keep`: those of the source."),
  sym_mode: optional(mode, 'Accepted for trees of Salt; a link has no permissions of its own.'),
  template: optional(text, 'Render every file with this engine: `handlebars` or `jinja`.'),
  context: optional(mapping, 'Variables of the templates.'),
  defaults: optional(mapping, 'Variables of the templates where `context` has none.'),
  include_pat: optional(pathPattern, 'Only these paths: a pattern, or `E@` and a regular expression.'),
  exclude_pat: optional(pathPattern, 'Not these paths; `clean` leaves them as well.'),
  maxdepth: optional(whole, 'How many levels below the source are copied; 0: only its own files.'),
  replace: defaulted(flag, true, 'False: existing files keep their content.'),
  clean: defaulted(flag, false, 'Remove what is neither in the source nor managed by a required state.'),
  keep_symlinks: defaulted(flag, false, 'Make links as links; otherwise what they lead to is copied.'),
  force_symlinks: defaulted(flag, false, 'Replace a file that is where a link has to be.'),
  include_empty: defaulted(flag, false, 'Make directories that hold nothing in the source as well.'),
  backup: optional(backupChoice, '`minion`: keep replaced files in the cache of the minion.'),
  show_changes: defaulted(flag, true, 'False: show no diffs.'),
  makedirs: defaulted(flag, true, 'Accepted for trees of Salt; directories are always made.'),
  keep_source: defaulted(flag, true, 'Accepted for trees of Salt; sources are always kept in the cache.'),
})

export type RecurseArguments = v.InferOutput<typeof recurseArguments>
