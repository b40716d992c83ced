/** The arguments of file.managed. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { lines, mapping, textList } from '../../../shared/schema/collections.ts'
import { absolutePath, mode, modeOrKeep } from '../../../shared/schema/paths.ts'
import { account, flag, text } from '../../../shared/schema/scalars.ts'
import { sourceList } from '../../../shared/schema/sources.ts'
import { backupChoice, backupEnding, checkCommand } from './argument-shapes.ts'
import { attributeFlags } from './attribute-flags.ts'
import { encodingErrors, encodingName } from './text-encoding.ts'

export const managedArguments = v.strictObject({
  name: needed(absolutePath, 'The file.'),
  source: optional(
    sourceList,
    'Where the content comes from: `salt://PATH`, a path on the minion, or an `https://` URL. Of a list, the first that exists.',
  ),
  source_hash: optional(
    text,
    'Digest that the source must have: `sha256=HEX`, or the URL or path of a file that lists digests. A source on the network needs one.',
  ),
  source_hash_name: optional(
    text,
    'Name to look for in a list of digests; default: that of the file, or of the source.',
  ),
  skip_verify: defaulted(
    flag,
    false,
    'Do not compare with `source_hash`; a source on the network may then do without, and is downloaded at every run.',
  ),
  contents: optional(lines, 'The content itself; of a list, each item ends its line.'),
  contents_pillar: optional(
    textList,
    'Pillar key (`a:b`) that has the content; of a list, the first that exists.',
  ),
  contents_grains: optional(
    textList,
    'Grain (`a:b`) that has the content; of a list, the first that exists.',
  ),
  contents_newline: defaulted(flag, true, 'End the content with a newline.'),
  contents_delimiter: defaulted(
    text,
    ':',
    'What separates the steps of `contents_pillar` and `contents_grains`.',
  ),
  allow_empty: defaulted(flag, true, 'False: fail where the pillar or grain has an empty text.'),
  template: optional(text, 'Render the content with this engine: `handlebars` or `jinja`.'),
  context: optional(mapping, 'Variables of the template.'),
  defaults: optional(mapping, 'Variables of the template where `context` has none.'),
  encoding: defaulted(
    encodingName,
    'utf-8',
    'Encoding of the written text: `utf-8`, `iso-8859-1`, `cp1252`, ….',
  ),
  encoding_errors: defaulted(
    encodingErrors,
    'strict',
    'What becomes of letters that the encoding has not: `strict` fails; `ignore`, `replace`, `backslashreplace`, `xmlcharrefreplace`.',
  ),
  user: optional(account, 'Owner.'),
  group: optional(account, 'Group.'),
  mode: optional(modeOrKeep, "Permissions, such as '0644'; `keep`: those of the source."),
  makedirs: defaulted(flag, false, 'Make missing directories above the file.'),
  attrs: optional(
    attributeFlags,
    'Attributes of the file system, as letters of chattr: `i` keeps everybody from changing the file. All others go.',
  ),
  dir_mode: optional(
    mode,
    'Permissions of directories made by `makedirs`; default: from `mode`, with execute bits.',
  ),
  replace: defaulted(flag, true, 'False: an existing file keeps its content.'),
  create: defaulted(flag, true, 'False: a file that does not exist is not made.'),
  follow_symlinks: defaulted(flag, true, 'Write to the file that a link leads to; False: replace the link.'),
  backup: optional(backupChoice, '`minion`: keep the replaced file in the cache of the minion.'),
  show_changes: defaulted(flag, true, 'False: show no diff.'),
  show_diff: optional(flag, 'Old name of `show_changes`.'),
  check_cmd: optional(
    checkCommand,
    'Command that gets the path of the new content before it is put in place; non-zero refuses it.',
  ),
  keep_source: defaulted(flag, true, 'Accepted for trees of Salt; sources are always kept in the cache.'),
  tmp_dir: optional(
    absolutePath,
    'Folder of the copy that `check_cmd` gets. Not given: it gets the new file itself, beside the old one; with `tmp_ext`, /tmp.',
  ),
  tmp_ext: optional(backupEnding, 'How the name of the copy ends that `check_cmd` gets: `.conf`.'),
  verify_ssl: defaulted(
    flag,
    true,
    'Refused where it is False: a server that nobody knows may send anything.',
  ),
  use_etag: optional(
    flag,
    'Accepted for trees of Salt; what has the digest of `source_hash` is not fetched again.',
  ),
})

export type ManagedArguments = v.InferOutput<typeof managedArguments>
