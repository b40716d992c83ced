/** file.copy: a file or directory of this machine under another name. */
import { basename } from 'node:path'
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { absolutePath, mode } from '../../../shared/schema/paths.ts'
import { account, flag } from '../../../shared/schema/scalars.ts'
import type { Reader } from '../../system/reader.ts'
import { type Decision, drift, failed, inSync, type StateRun, stateFunction, unknown } from '../contract.ts'
import { type Attributes, missingAccounts } from './attributes.ts'
import { copyTree, isSameCopy } from './copy-tree.ts'
import { mayMake } from './edit.ts'
import { resolveLinks } from './link.ts'
import { parentObstacle } from './parent-obstacle.ts'
import { makeParents } from './parents.ts'

const args = v.strictObject({
  name: needed(absolutePath, 'The copy.'),
  source: needed(absolutePath, 'The file or directory on this machine that is copied.'),
  force: defaulted(flag, false, 'Replace what is there, where it differs.'),
  makedirs: defaulted(flag, false, 'Make missing directories above the copy.'),
  preserve: defaulted(flag, false, 'Owner, group and mode are those of the source.'),
  user: optional(account, 'Owner; default: root.'),
  group: optional(account, 'Group; default: root.'),
  mode: optional(mode, 'Permissions; default: those of the source.'),
  dir_mode: optional(mode, 'Permissions of directories made by `makedirs`.'),
  subdir: defaulted(flag, false, 'Where the name is a directory, copy into it.'),
})
type CopyArguments = v.InferOutput<typeof args>

export const copy = stateFunction({
  summary: 'Makes sure that there is a copy of a file or directory of this machine.',
  args,
  examples: [
    '/etc/app/app.conf:\n  file.copy:\n    - source: /usr/share/app/app.conf.example\n    - user: app\n',
  ],
  refuse: ({ name, source }) =>
    name === source || name.startsWith(`${source}/`)
      ? { argument: 'source', reason: 'it cannot be copied into itself' }
      : undefined,
  check,
})

async function check(wanted: CopyArguments, look: Reader, run: StateRun): Promise<Decision> {
  const complaint = wanted.preserve ? undefined : await missingAccounts(wanted, look, run)
  if (complaint !== undefined) return failed(complaint)
  const source = await resolveLinks(wanted.source, look)
  if (!source.info && run.test && run.predicted.some((one) => mayMake(wanted.source, one)))
    return unknown(`${wanted.source} does not exist yet; an earlier state may make it`)
  if (!source.info) return failed(`Source file "${wanted.source}" is not present`)
  const intoDirectory = wanted.subdir && (await look.files.infoFollowed(wanted.name))?.type === 'directory'
  const name = intoDirectory ? `${wanted.name}/${basename(wanted.source)}` : wanted.name
  const there = await look.files.info(name)
  const kept = inSync(`The target file "${name}" exists and will not be overwritten`)
  if (there && !wanted.force) return kept
  const wish: Attributes = wanted.preserve
    ? {}
    : { user: wanted.user ?? 0, group: wanted.group ?? 0, mode: wanted.mode }
  if (there && (await isSameCopy(source.path, name, wish, look)))
    return inSync(`"${name}" is the same as "${wanted.source}"`)
  const missing = `The target directory of ${name} is not present`
  const obstacle = there
    ? undefined
    : await parentObstacle({ name, makedirs: wanted.makedirs }, missing, look, run)
  return (
    obstacle ??
    drift(
      { [name]: wanted.source },
      {
        would: `File "${wanted.source}" is set to be copied to "${name}"`,
        done: `Copied "${wanted.source}" to "${name}"`,
      },
      async (act) => {
        if (wanted.makedirs)
          await makeParents(name, { ...wish, mode: wanted.mode ?? source.info?.mode }, wanted.dir_mode, act)
        // A file is replaced in one step; anything else has to go first.
        if (there && (there.type !== 'file' || source.info?.type !== 'file')) await act.files.remove(name)
        await copyTree(source.path, name, wish, act)
      },
    )
  )
}
