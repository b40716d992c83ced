/** file.rename: a file or directory of this machine moved. */
import * as v from 'valibot'
import { defaulted, needed } from '../../../shared/schema/argument.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { flag } from '../../../shared/schema/scalars.ts'
import type { Changer } from '../../system/changer.ts'
import type { Reader } from '../../system/reader.ts'
import { type Decision, drift, inSync, type StateRun, stateFunction, unknown } from '../contract.ts'
import { copyTree } from './copy-tree.ts'
import { mayMake } from './edit.ts'
import { parentObstacle } from './parent-obstacle.ts'
import { makeParents } from './parents.ts'

const args = v.strictObject({
  name: needed(absolutePath, 'Where it is to be.'),
  source: needed(absolutePath, 'Where it is now.'),
  force: defaulted(flag, false, 'Replace what is there already.'),
  makedirs: defaulted(flag, false, 'Make missing directories above the new name.'),
})
type RenameArguments = v.InferOutput<typeof args>

export const rename = stateFunction({
  summary: 'Makes sure that a file or directory is no longer here but there.',
  args,
  examples: ['/etc/app/app.conf:\n  file.rename:\n    - source: /etc/app.conf\n    - makedirs: True\n'],
  refuse: ({ name, source }) =>
    name === source || name.startsWith(`${source}/`)
      ? { argument: 'source', reason: 'it cannot be moved into itself' }
      : undefined,
  check,
})

async function check(wanted: RenameArguments, look: Reader, run: StateRun): Promise<Decision> {
  const { name, source, force, makedirs } = wanted
  if (!(await look.files.info(source)))
    return run.test && run.predicted.some((one) => mayMake(source, one))
      ? unknown(`${source} does not exist yet; an earlier state may make it`)
      : inSync(`Source file "${source}" has already been moved out of place`)
  const there = await look.files.info(name)
  if (there && !force) return inSync(`The target file "${name}" exists and will not be overwritten`)
  const missing = `The target directory of ${name} is not present`
  const obstacle = there ? undefined : await parentObstacle(wanted, missing, look, run)
  return (
    obstacle ??
    drift(
      { [name]: source },
      { would: `File "${source}" is set to be moved to "${name}"`, done: `Moved "${source}" to "${name}"` },
      async (act) => {
        if (makedirs) await makeParents(name, {}, undefined, act)
        if (there) await act.files.remove(name)
        if (!(await act.files.move(source, name))) await moveAcross(source, name, act)
      },
    )
  )
}

/** To another file system: the original goes once the copy is whole. */
async function moveAcross(source: string, name: string, act: Changer): Promise<void> {
  await copyTree(source, name, {}, act)
  await act.files.remove(source)
}
