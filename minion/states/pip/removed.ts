/** pip.removed: Python packages that are not installed. */
import * as v from 'valibot'
import { needed, optional } from '../../../shared/schema/argument.ts'
import { textList } from '../../../shared/schema/collections.ts'
import { nonEmptyText, text, whole } from '../../../shared/schema/scalars.ts'
import { findPip, listPip, pipComplaint, runPip } from '../../installers/pip.ts'
import { parseRequirementsFile, pythonName } from '../../installers/python-requirement.ts'
import { type Applied, drift, failed, inSync, stateFunction } from '../contract.ts'
import { toolMissing } from '../tool-missing.ts'
import { callerEntries } from './arguments.ts'

export const removed = stateFunction({
  summary: 'Makes sure that Python packages are not installed.',
  args: v.strictObject({
    name: needed(nonEmptyText, 'The package; only a name for the state with `pkgs` or `requirements`.'),
    pkgs: optional(textList, 'Several packages.'),
    requirements: optional(nonEmptyText, 'All that this requirements file names: `salt://PATH`, or a path.'),
    log: optional(text, 'File that pip logs to.'),
    proxy: optional(text, 'Accepted for trees of Salt; removing needs no network.'),
    timeout: optional(whole, 'Accepted for trees of Salt; removing needs no network.'),
    ...callerEntries,
  }),
  examples: ['old client:\n  pip.removed:\n    - name: raven\n    - bin_env: /srv/app/venv\n'],
  refuse: ({ name, pkgs = [name], requirements }) => {
    const wrong = requirements === undefined && pkgs.find((one) => !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(one))
    return wrong
      ? { argument: pkgs.length > 1 ? 'pkgs' : 'name', reason: `"${wrong}" is no name of a package` }
      : undefined
  },
  async check(wanted, look, run) {
    const { name, pkgs = [name], requirements, log } = wanted
    const pip = await findPip(wanted, look)
    if (!pip)
      return toolMissing(
        'pip is not installed',
        'Install it in an earlier state, or name it with bin_env.',
        run,
      )
    const list = await listPip(pip, wanted, look)
    if (typeof list === 'string') return failed(`Error uninstalling '${name}': ${list}`)
    const names =
      requirements === undefined
        ? pkgs
        : namesIn((await look.sources.fetch(requirements, run.environment)).content)
    const there = names.flatMap((one) => list.get(pythonName(one)) ?? [])
    if (there.length === 0) return inSync('Package is not installed.')
    const told = there.map((one) => one.name).join(', ')
    const changes = Object.fromEntries(there.map((one) => [one.name, 'Removed']))
    const comments = {
      would: `Package ${told} is set to be removed`,
      done: 'Package was successfully removed.',
    }
    return drift(changes, comments, async (act): Promise<Applied | undefined> => {
      const words = [
        'uninstall',
        '-y',
        ...(log === undefined ? [] : [`--log=${log}`]),
        '--',
        ...there.map((one) => one.name),
      ]
      const undo = [['install', '--no-deps', '--', ...there.map((one) => `${one.name}==${one.version}`)]]
      const result = await runPip(pip, words, wanted, act, undo)
      return result.code === 0
        ? undefined
        : { ok: false, changes: {}, comment: `Could not remove package. ${pipComplaint(result)}` }
    })
  },
})

const namesIn = (content: Uint8Array): string[] =>
  parseRequirementsFile(Buffer.from(content).toString('utf8')).requirements.flatMap(({ name }) => name ?? [])
