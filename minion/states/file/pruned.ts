/** file.pruned: empty directories removed. */
import { join } from 'node:path'
import * as v from 'valibot'
import { systemClock } from '../../../shared/clock.ts'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { flag, whole } from '../../../shared/schema/scalars.ts'
import type { Reader } from '../../system/reader.ts'
import { drift, failed, inSync, stateFunction } from '../contract.ts'

const dayLength = 86_400_000

export const pruned = stateFunction({
  summary: 'Makes sure that a directory is not there as long as it holds nothing.',
  args: v.strictObject({
    name: needed(absolutePath, 'The directory.'),
    recurse: defaulted(flag, false, 'Remove empty directories below it as well.'),
    ignore_errors: defaulted(flag, false, 'Directories that hold something are no failure.'),
    older_than: optional(whole, 'Only those that nothing was put into for so many days.'),
  }),
  examples: [
    '/srv/spool:\n  file.pruned:\n    - recurse: True\n    - ignore_errors: True\n    - older_than: 7\n',
  ],
  async check({ name, recurse, ignore_errors, older_than }, look) {
    const info = await look.files.info(name)
    if (!info) return inSync(`Directory ${name} is not present.`)
    if (info.type !== 'directory') return failed(`${name} is a ${info.type}, not a directory`)
    const before =
      older_than === undefined ? Number.POSITIVE_INFINITY : systemClock.now() - older_than * dayLength
    const found = await emptyOnes(name, info.modified, recurse, before, look)
    const stays = !found.empty.includes(name)
    if (stays && !ignore_errors)
      return failed(
        older_than === undefined || found.holds
          ? `Directory ${name} is not empty${recurse ? `: ${found.first ?? ''}` : ''}`
          : `Directory ${name} is not ${older_than} days old`,
        'Give "ignore_errors: True" where that is as it should be.',
      )
    if (found.empty.length === 0) return inSync(`Directory ${name} holds something and stays`)
    const many =
      found.empty.length === 1 ? `Directory ${found.empty[0]}` : `${found.empty.length} directories`
    return drift(
      { deleted: found.empty },
      { would: `${many} would be removed`, done: `Removed ${many.replace(/^D/, 'd')}` },
      async (act) => {
        for (const path of found.empty) await act.files.remove(path)
      },
    )
  },
})

interface Found {
  /** Those below stand before those that they are in. */
  readonly empty: string[]
  readonly holds: boolean
  /** Something that keeps it. */
  readonly first: string | undefined
}

/** A directory is empty once the empty ones in it are gone; links are entries, and never followed. */
async function emptyOnes(
  path: string,
  modified: number,
  recurse: boolean,
  before: number,
  look: Reader,
): Promise<Found> {
  const empty: string[] = []
  let first: string | undefined
  for (const name of await look.files.list(path)) {
    const entry = join(path, name)
    const info = recurse ? await look.files.info(entry) : undefined
    const below =
      info?.type === 'directory' ? await emptyOnes(entry, info.modified, recurse, before, look) : undefined
    empty.push(...(below?.empty ?? []))
    if (!below?.empty.includes(entry)) first ??= below?.first ?? entry
  }
  if (first === undefined && modified < before) empty.push(path)
  return { empty, holds: first !== undefined, first }
}
