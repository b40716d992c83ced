/** file.hardlink: a further name of a file. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { absolutePath, mode } from '../../../shared/schema/paths.ts'
import { account, flag } from '../../../shared/schema/scalars.ts'
import type { Reader } from '../../system/reader.ts'
import { type Decision, drift, failed, inSync, type StateRun, stateFunction, unknown } from '../contract.ts'
import { missingAccounts } from './attributes.ts'
import { mayMake } from './edit.ts'
import { parentObstacle } from './parent-obstacle.ts'
import { makeParents } from './parents.ts'

const args = v.strictObject({
  name: needed(absolutePath, 'The further name.'),
  target: needed(absolutePath, 'The file, on the same file system.'),
  force: defaulted(flag, false, 'Replace another file that is in the way.'),
  makedirs: defaulted(flag, false, 'Make missing directories above the name.'),
  user: optional(account, 'Owner of directories made by `makedirs`; the file has its own.'),
  group: optional(account, 'Group of directories made by `makedirs`.'),
  dir_mode: optional(mode, 'Permissions of directories made by `makedirs`.'),
})
type HardLinkArguments = v.InferOutput<typeof args>

export const hardlink = stateFunction({
  summary: 'Makes sure that a file has this further name, a hard link.',
  args,
  examples: [
    '/srv/backup/data.db:\n  file.hardlink:\n    - target: /srv/app/data.db\n    - makedirs: True\n',
  ],
  refuse: ({ name, target }) =>
    name === target ? { argument: 'target', reason: 'it is the name itself' } : undefined,
  check,
})

async function check(wanted: HardLinkArguments, look: Reader, run: StateRun): Promise<Decision> {
  const { name, target, force } = wanted
  const complaint = await missingAccounts(wanted, look, run)
  if (complaint !== undefined) return failed(complaint)
  const file = await look.files.info(target)
  if (!file && run.test && run.predicted.some((one) => mayMake(target, one)))
    return unknown(`${target} does not exist yet; an earlier state may make it`)
  if (!file) return failed(`Target ${target} for hard link does not exist`)
  if (file.type === 'directory') return failed(`Unable to hard link from directory ${target}`)
  if (file.type !== 'file') return failed(`Unable to hard link from ${target}, which is a ${file.type}`)
  const info = await look.files.info(name)
  if (info?.type === 'directory') return failed(`Unable to hard link to directory ${name}`)
  if (info?.identity === file.identity)
    return inSync(`Target of hard link ${name} is already pointing to ${target}`)
  if (info && info.links > 1)
    return link(wanted, {
      would: `Link ${name} target is set to be changed to ${target}`,
      done: `Set target of hard link ${name} -> ${target}`,
    })
  if (info && !force)
    return failed(`File exists where the hard link ${name} should be`, 'Give "force: True" to replace it.')
  const done = `Created new hard link ${name} -> ${target}`
  if (!info) {
    const directory = `Directory for hard link ${name} is not present`
    const obstacle = await parentObstacle(wanted, directory, look, run)
    return obstacle ?? link(wanted, { would: `Hard link ${name} to ${target} is set for creation`, done })
  }
  const would = `The file or directory ${name} is set for removal to make way for a new hard link targeting ${target}`
  return link(wanted, { would, done }, { forced: 'File for hard link was forcibly replaced' })
}

function link(
  wanted: HardLinkArguments,
  words: { readonly would: string; readonly done: string },
  more: Readonly<Record<string, string>> = {},
): Decision {
  const { name, target, makedirs, dir_mode, user, group } = wanted
  return drift({ ...more, new: name }, words, async (act) => {
    if (makedirs) await makeParents(name, { user, group }, dir_mode, act)
    await act.files.hardLink(name, target)
  })
}
