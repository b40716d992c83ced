/** cron.file: the whole crontab of a user, from a file. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { accountName, flag, text } from '../../../shared/schema/scalars.ts'
import { sourceList } from '../../../shared/schema/sources.ts'
import type { Reader } from '../../system/reader.ts'
import {
  type ArgumentRefusal,
  type Decision,
  drift,
  failed,
  inSync,
  type StateRun,
  stateFunction,
  unknown,
} from '../contract.ts'
import { backupFolder, planFile } from '../file/content-plan.ts'
import { desiredContent } from '../file/desired-content.ts'
import { managedArguments } from '../file/managed-arguments.ts'
import { crontabOwner, openCrontab } from './crontab-file.ts'

const { entries } = managedArguments
const args = v.strictObject({
  name: needed(text, 'Where the table comes from: `salt://PATH`, a path on the minion, or a URL.'),
  source: optional(sourceList, 'The same; `name` says nothing then.'),
  source_hash: entries.source_hash,
  source_hash_name: entries.source_hash_name,
  user: defaulted(accountName, 'root', 'Whose crontab it is.'),
  template: entries.template,
  context: entries.context,
  defaults: entries.defaults,
  contents: entries.contents,
  contents_pillar: entries.contents_pillar,
  contents_grains: entries.contents_grains,
  replace: entries.replace,
  backup: entries.backup,
  skip_verify: entries.skip_verify,
  group: optional(text, 'Accepted for trees of Salt; a crontab belongs to its user.'),
  mode: optional(text, 'Accepted for trees of Salt; nobody else may read a crontab.'),
  makedirs: optional(flag, 'Accepted for trees of Salt.'),
})
type Arguments = v.InferOutput<typeof args>

const hasContents = ({ contents, contents_pillar, contents_grains }: Arguments): boolean =>
  (contents ?? contents_pillar ?? contents_grains) !== undefined

export const file = stateFunction({
  summary: 'Makes sure that the crontab of a user is this one, all of it.',
  args,
  examples: ['salt://app/crontab:\n  cron.file:\n    - user: app\n'],
  templateVariables: true,
  refuse: (wanted): ArgumentRefusal | undefined => {
    if (hasContents(wanted))
      return wanted.source
        ? { argument: 'source', reason: 'it cannot be used together with contents' }
        : undefined
    return wanted.source || v.is(sourceList, wanted.name)
      ? undefined
      : { argument: 'name', reason: 'a source is salt://PATH, a URL or an absolute path' }
  },
  check,
})

async function check(wanted: Arguments, look: Reader, run: StateRun): Promise<Decision> {
  const { user, name } = wanted
  const opened = await openCrontab(user, look, run)
  if (opened.kind !== 'crontab') return opened
  const { path, info } = opened.file
  if (info && !wanted.replace) return inSync(`The crontab of ${user} exists, and is not replaced`)
  const source = hasContents(wanted) ? undefined : (wanted.source ?? v.parse(sourceList, name))
  const { contents, contents_pillar, contents_grains, group: _, mode: __, makedirs: ___, ...rest } = wanted
  const asked = v.parse(managedArguments, { name: path })
  const desired = await desiredContent(
    {
      ...asked,
      ...rest,
      name: path,
      ...(source && { source }),
      ...(contents && { contents }),
      ...(contents_pillar && { contents_pillar }),
      ...(contents_grains && { contents_grains }),
    },
    { path, info },
    look,
    run,
  )
  if (desired.kind === 'failed') return failed(desired.comment)
  if (desired.kind === 'unknown') return unknown(desired.reason)
  const content = desired.kind === 'content' ? desired.content : undefined
  if (content && content.length > 0 && content.at(-1) !== 0x0a)
    return failed(
      `The crontab of ${user} would not end with a newline, and cron would leave its last line out`,
      'End the file with a newline.',
    )
  const owner = await crontabOwner(user, look)
  const plan = await planFile(
    {
      path,
      info,
      content,
      attributes: { mode: 0o600, ...owner },
      showChanges: true,
      backupTo: backupFolder(wanted.backup, run),
    },
    look,
  )
  if (!plan) return inSync(`Crontab for user ${user} is in the correct state`)
  return drift(
    plan.changes,
    { would: `Crontab for user ${user} is set to be changed`, done: `Crontab for user ${user} was updated` },
    (act) => plan.apply(act),
  )
}
