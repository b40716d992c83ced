/** A requirements file of the tree, written where pip reads it. The caller removes it. */
import { posix } from 'node:path'
import type { Changer } from '../../system/changer.ts'
import type { StateRun } from '../contract.ts'

/**
 * With a user it stands in /tmp and is theirs, because the cache of the minion is not open to other users.
 * @param label tells apart what is installed at the same time
 */
export async function writeRequirements(
  label: string,
  text: string,
  user: string | undefined,
  run: StateRun,
  act: Changer,
): Promise<string> {
  const name = `${label.replace(/^salt:\/\//, '').replace(/[^A-Za-z0-9._-]+/g, '_')}.txt`.replace(
    /(\.txt)+$/,
    '.txt',
  )
  const folder = posix.join(run.cachedir ?? '/var/cache/tsalt/minion', 'requirements')
  const path = user === undefined ? posix.join(folder, name) : `/tmp/tsalt-requirements-${name}`
  if (user === undefined && !(await act.look.files.infoFollowed(folder)))
    await act.files.makeDirectory(folder, { mode: 0o700, parents: true })
  await act.files.write(path, Buffer.from(text), { mode: 0o600, ...(user !== undefined && { user }) })
  return path
}
