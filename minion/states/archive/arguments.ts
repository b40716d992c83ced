/** Arguments of archive.extracted, and what its `options` may say. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { account, choice, flag, nonEmptyText, text, whole } from '../../../shared/schema/scalars.ts'
import type { ArgumentRefusal } from '../contract.ts'
import { formatOf } from './open.ts'

export const extractedArguments = v.strictObject({
  name: needed(absolutePath, 'The directory to extract into; made where it is missing.'),
  source: needed(nonEmptyText, 'The archive: `salt://PATH`, a path, or a URL.'),
  source_hash: optional(text, '`sha256=…`, or a file that lists digests; a download needs it.'),
  source_hash_name: optional(text, 'Name to look for in that file.'),
  source_hash_update: defaulted(
    flag,
    false,
    'Extract again where a file has another content than in the archive.',
  ),
  skip_verify: defaulted(flag, false, 'True: take a download without source_hash.'),
  archive_format: optional(choice(['tar', 'zip']), 'Where the name of the source does not tell it.'),
  strip: optional(whole, 'Leave so many directories at the front of each path out.'),
  options: optional(
    text,
    'Options of tar; `--strip-components=N` counts, letters that say how to unpack are not needed.',
  ),
  tar_options: optional(text, 'Older name of options.'),
  user: optional(account, 'Owner of all that is extracted.'),
  group: optional(account, 'Group of all that is extracted.'),
  if_missing: optional(absolutePath, 'Extract only where this path does not exist.'),
  enforce_toplevel: defaulted(flag, true, 'Refuse an archive that has more than one entry at its top.'),
  overwrite: defaulted(flag, false, 'Also write files that are there with another content.'),
  clean: defaulted(flag, false, 'Before extracting, remove what the archive has at its top.'),
  keep: optional(flag, 'Accepted for trees of Salt; archives are not kept.'),
  keep_source: optional(flag, 'The same.'),
  force: defaulted(
    flag,
    false,
    'Replace a file that stands where a directory has to be, and the other way round.',
  ),
  extract_perms: defaulted(flag, true, 'False: files get the usual mode instead of that in the archive.'),
  trim_output: optional(text, 'Accepted for trees of Salt.'),
  use_cmd_unzip: optional(flag, 'Accepted for trees of Salt.'),
  list_options: optional(text, 'Accepted for trees of Salt.'),
})
export type ExtractedArguments = v.InferOutput<typeof extractedArguments>

export function stripOf({ strip, options, tar_options }: ExtractedArguments): number {
  const match = /--strip(?:-components)?[= ](\d+)/.exec(options ?? tar_options ?? '')
  return strip ?? Number(match?.[1] ?? 0)
}

/** Options that change nothing here: the compression is found out, names are always shown. */
const harmless =
  /^(?:-{0,2}[zjJxvfpko]+|--(?:no-same-owner|no-same-permissions|same-permissions|gzip|gunzip|bzip2|xz|verbose|extract|no-overwrite-dir|touch|warning=\S+))$/

export function refuse(wanted: ExtractedArguments): ArgumentRefusal | undefined {
  if (wanted.archive_format === undefined && formatOf(wanted.source) === undefined)
    return {
      argument: 'archive_format',
      reason: `"${wanted.source}" does not tell what it is; give tar or zip`,
    }
  const argument = wanted.options === undefined ? 'tar_options' : 'options'
  const words = (wanted.options ?? wanted.tar_options ?? '')
    .replace(/--strip(?:-components)?[= ]\d+/g, '')
    .split(/\s+/)
  const strange = words.find((word) => word !== '' && !harmless.test(word))
  if (strange !== undefined) return { argument, reason: `"${strange}" is not an option that is known here` }
  const remote = /^(?:https?|ftp):\/\//.test(wanted.source)
  if (remote && wanted.source_hash === undefined && !wanted.skip_verify)
    return { argument: 'source_hash', reason: 'a download needs it, or "skip_verify: True"' }
  return undefined
}
