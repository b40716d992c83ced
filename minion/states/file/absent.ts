/** file.absent: nothing at this path. */
import * as v from 'valibot'
import { needed } from '../../../shared/schema/argument.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { drift, inSync, stateFunction, unknown } from '../contract.ts'
import { requiredPackage } from '../required-package.ts'
import { managedArguments } from './managed-arguments.ts'

/** Removing one of these is never what was meant. */
const neverRemoved = new Set([
  '/',
  '/bin',
  '/boot',
  '/dev',
  '/etc',
  '/home',
  '/lib',
  '/proc',
  '/root',
  '/run',
  '/sbin',
  '/sys',
  '/usr',
  '/var',
])

export const absent = stateFunction({
  summary: 'Makes sure that there is no file, directory or link at this path.',
  args: v.strictObject({
    name: needed(absolutePath, 'What is to be removed, a directory with all it holds.'),
  }),
  ignored: [...Object.keys(managedArguments.entries), 'target', 'force', 'recurse', 'clean', 'file_mode'],
  examples: ['/etc/nginx/sites-enabled/default:\n  file.absent: []\n'],
  refuse: ({ name }) =>
    neverRemoved.has(name) ? { argument: 'name', reason: `refusing to make "${name}" absent` } : undefined,
  async check({ name }, look, run) {
    const info = await look.files.info(name)
    if (!info) {
      const bringer = requiredPackage(run)
      return bringer
        ? unknown(`${name} does not exist yet; pkg.${bringer.fun} ${bringer.id} may bring it`)
        : inSync(`File ${name} is not present`)
    }
    const what = info.type === 'directory' ? 'Directory' : 'File'
    return drift(
      { removed: name },
      { would: `${what} ${name} is set for removal`, done: `Removed ${what.toLowerCase()} ${name}` },
      (act) => act.files.remove(name),
    )
  },
})
