/** What all git functions share: who calls git, with which key. */
import { defaulted, optional } from '../../../shared/schema/argument.ts'
import { textList } from '../../../shared/schema/collections.ts'
import { accountName, flag, nonEmptyText, text } from '../../../shared/schema/scalars.ts'

export const callerEntries = {
  user: optional(accountName, 'User to run git as; the directory becomes theirs. Default: root.'),
  identity: optional(textList, 'Private keys for SSH on the minion, tried in turn.'),
  https_user: optional(text, 'User name for HTTPS.'),
  https_pass: optional(text, 'Password for HTTPS.'),
  output_encoding: optional(text, 'Accepted for trees of Salt.'),
}

export const cloneEntries = {
  ...callerEntries,
  remote: defaulted(nonEmptyText, 'origin', 'Name of the remote.'),
  depth: optional(text, 'Fetch only so many commits of history.'),
  submodules: defaulted(flag, false, 'Bring submodules up to date as well.'),
  force_clone: defaulted(flag, false, 'Replace a directory that is no repository.'),
  force_checkout: defaulted(flag, false, 'Discard uncommitted changes when another branch is checked out.'),
}
