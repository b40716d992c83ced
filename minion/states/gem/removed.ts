/** gem.removed: packages of Ruby that are not installed. */
import * as v from 'valibot'
import { needed, optional } from '../../../shared/schema/argument.ts'
import { nonEmptyText } from '../../../shared/schema/scalars.ts'
import { gemComplaint, gemOptions, gemProgram, listGems, parseGemRequirement } from '../../installers/gem.ts'
import { type Applied, drift, failed, inSync, stateFunction } from '../contract.ts'
import { callerEntries, callerOf, requireGem } from './arguments.ts'

export const removed = stateFunction({
  summary: 'Makes sure that a package of Ruby is not installed.',
  args: v.strictObject({
    name: needed(nonEmptyText, 'The gem.'),
    version: optional(nonEmptyText, 'Only this version, or these: `< 2`. Not given: all.'),
    ...callerEntries,
  }),
  examples: ['therubyracer:\n  gem.removed: []\n'],
  refuse: ({ name, version }) => {
    if (!/^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/.test(name))
      return { argument: 'name', reason: `"${name}" is no name of a gem` }
    return version === undefined || parseGemRequirement(version)
      ? undefined
      : { argument: 'version', reason: `"${version}" is no version` }
  },
  async check(wanted, look, run) {
    const { name, version } = wanted
    const caller = callerOf(wanted)
    const lacking = await requireGem(caller, look, run)
    if (lacking) return lacking
    const list = await listGems(caller, look)
    if (typeof list === 'string') return failed(`gem cannot list what is installed: ${list}`)
    const fits = version === undefined ? () => true : (parseGemRequirement(version) ?? (() => false))
    const gone = (list.get(name) ?? []).filter(fits)
    if (gone.length === 0) return inSync('Gem is not installed.')
    const comments = {
      would: `The gem ${name} would have been removed`,
      done: 'Gem was successfully removed.',
    }
    return drift({ [name]: 'Removed' }, comments, async (act): Promise<Applied | undefined> => {
      const words = ['uninstall', '--all', '--executables', '--ignore-dependencies']
      const which = version === undefined ? [] : [`--version=${version}`]
      const { user } = caller
      const back = gone.map((one) => ({
        argv: [...gemProgram(caller), 'install', '--no-document', `--version=${one}`, name],
        ...(user !== undefined && { runas: user }),
      }))
      const options = { ...gemOptions(caller), undo: back }
      const result = await act.commands.run([...gemProgram(caller), ...words, ...which, name], options)
      return result.code === 0
        ? undefined
        : { ok: false, changes: {}, comment: `Could not remove gem. ${gemComplaint(result)}` }
    })
  },
})
