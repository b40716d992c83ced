/** npm.bootstrap: a project of Node.js has all that its package.json names. */
import { posix } from 'node:path'
import * as v from 'valibot'
import { needed, optional } from '../../../shared/schema/argument.ts'
import { environment } from '../../../shared/schema/collections.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { accountName, flag } from '../../../shared/schema/scalars.ts'
import { npmComplaint, npmOptions } from '../../installers/npm.ts'
import { type Applied, drift, failed, inSync, stateFunction } from '../contract.ts'
import { requireNpm } from './arguments.ts'

export const bootstrap = stateFunction({
  summary: 'Makes sure that a project of Node.js has all packages that its package.json names.',
  args: v.strictObject({
    name: needed(absolutePath, 'Directory of the project.'),
    user: optional(accountName, 'User to run npm as. Default: root.'),
    env: optional(environment, 'Environment variables.'),
    silent: optional(flag, 'Accepted for trees of Salt.'),
  }),
  examples: ['/srv/app:\n  npm.bootstrap:\n    - user: app\n'],
  async check({ name, user, env }, look, run) {
    const lacking = await requireNpm(look, run)
    if (lacking) return lacking
    if (!(await look.files.infoFollowed(posix.join(name, 'package.json'))))
      return failed(`Error Bootstrapping '${name}': there is no package.json in it`)
    const options = npmOptions({ dir: name, ...(user !== undefined && { user }), ...(env && { env }) })
    const dry = await look.commands.query(['npm', 'install', '--dry-run', '--json'], options)
    if (dry.code !== 0) return failed(`Error Bootstrapping '${name}': ${npmComplaint(dry)}`)
    if (changesNothing(dry.stdout)) return inSync('Directory is already bootstrapped')
    const hadModules = (await look.files.infoFollowed(posix.join(name, 'node_modules'))) !== undefined
    const comments = {
      would: `Directory '${name}' is set to be bootstrapped`,
      done: 'Directory was successfully bootstrapped',
    }
    return drift({ [name]: 'Bootstrapped' }, comments, async (act): Promise<Applied | undefined> => {
      const gone = { argv: ['rm', '-rf', '--one-file-system', '--', posix.join(name, 'node_modules')] }
      const result = await act.commands.run(['npm', 'install'], {
        ...options,
        ...(!hadModules && { undo: [gone] }),
      })
      if (result.code === 0) return undefined
      return { ok: false, changes: {}, comment: `Could not bootstrap directory: ${npmComplaint(result)}` }
    })
  },
})

/** `{"added": 1, "changed": 0, "removed": 0}`, or lists of them in older versions. */
function changesNothing(text: string): boolean {
  try {
    const answer = JSON.parse(text) as Readonly<Record<string, unknown>>
    return ['added', 'changed', 'removed', 'updated', 'moved'].every((key) => {
      const value = answer[key]
      return value === undefined || value === 0 || (Array.isArray(value) && value.length === 0)
    })
  } catch {
    return false
  }
}
