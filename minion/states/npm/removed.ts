/** npm.removed: packages of Node.js that are not installed. */
import * as v from 'valibot'
import { needed } from '../../../shared/schema/argument.ts'
import { nonEmptyText } from '../../../shared/schema/scalars.ts'
import { listNpm, npmComplaint, npmOptions, placeWords } from '../../installers/npm.ts'
import { type Applied, drift, failed, inSync, stateFunction } from '../contract.ts'
import { callerEntries, requireNpm } from './arguments.ts'

export const removed = stateFunction({
  summary: 'Makes sure that a package of Node.js is not installed.',
  args: v.strictObject({ name: needed(nonEmptyText, 'The package.'), ...callerEntries }),
  examples: ['bower:\n  npm.removed: []\n'],
  refuse: ({ name }) =>
    /^(?:@[\w.~-]+\/)?[A-Za-z0-9_.~][\w.~-]*$/.test(name)
      ? undefined
      : { argument: 'name', reason: `"${name}" is no name of a package` },
  async check(wanted, look, run) {
    const lacking = await requireNpm(look, run)
    if (lacking) return lacking
    const { name } = wanted
    const list = await listNpm(wanted, look)
    if (typeof list === 'string') return failed(`Error uninstalling '${name}': ${list}`)
    const found = list.get(name)
    if (!found) return inSync(`Package '${name}' is not installed`)
    const comments = {
      would: `Package '${name}' is set to be removed`,
      done: `Package '${name}' was successfully removed`,
    }
    return drift({ [name]: 'Removed' }, comments, async (act): Promise<Applied | undefined> => {
      const options = npmOptions(wanted)
      const { runas, cwd } = options
      const back = ['npm', 'install', ...placeWords(wanted), '--', `${name}@${found.version}`]
      const result = await act.commands.run(['npm', 'uninstall', ...placeWords(wanted), '--', name], {
        ...options,
        undo: [{ argv: back, ...(runas !== undefined && { runas }), ...(cwd !== undefined && { cwd }) }],
      })
      if (result.code === 0) return undefined
      return { ok: false, changes: {}, comment: `Error removing package '${name}': ${npmComplaint(result)}` }
    })
  },
})
