/** file.missing: refuses to go on with this path. */
import * as v from 'valibot'
import { needed } from '../../../shared/schema/argument.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { failed, inSync, stateFunction, unknown } from '../contract.ts'
import { mayMakeFiles } from './parents.ts'

export const missing = stateFunction({
  summary: 'Fails where there is something at this path; removes nothing.',
  args: v.strictObject({ name: needed(absolutePath, 'Where nothing may be.') }),
  examples: ['/etc/nologin:\n  file.missing: []\n'],
  async check({ name }, look, run) {
    if (!(await look.files.infoFollowed(name))) return inSync(`Path ${name} is missing`)
    if (run.test && run.predicted.some((one) => mayRemove(name, one)))
      return unknown(`${name} is still there; an earlier state may remove it`)
    return failed(`Specified path ${name} exists`)
  },
})

function mayRemove(
  name: string,
  one: { state: string; fun: string; name: string; changes: unknown },
): boolean {
  if (one.state !== 'file') return mayMakeFiles(one.state)
  if (one.fun === 'absent') return name === one.name || name.startsWith(`${one.name}/`)
  // Moved away, or cleaned out of its directory.
  return ['rename', 'tidied', 'directory', 'recurse'].includes(one.fun)
}
