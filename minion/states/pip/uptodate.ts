/** pip.uptodate: all Python packages of an environment in their newest version. */
import * as v from 'valibot'
import type { Plain } from '../../../shared/data/value.ts'
import { needed } from '../../../shared/schema/argument.ts'
import { nonEmptyText } from '../../../shared/schema/scalars.ts'
import { askPip, findPip, listPip, parseList, pipComplaint, runPip } from '../../installers/pip.ts'
import { type Applied, drift, failed, inSync, stateFunction } from '../contract.ts'
import { toolMissing } from '../tool-missing.ts'
import { callerEntries } from './arguments.ts'

export const uptodate = stateFunction({
  summary: 'Makes sure that all Python packages of an environment are in their newest version.',
  args: v.strictObject({ name: needed(nonEmptyText, 'Only a name for the state.'), ...callerEntries }),
  examples: ['tools are new:\n  pip.uptodate:\n    - bin_env: /opt/tools\n'],
  async check(wanted, look, run) {
    const pip = await findPip(wanted, look)
    if (!pip)
      return toolMissing(
        'pip is not installed',
        'Install it in an earlier state, or name it with bin_env.',
        run,
      )
    const before = await listPip(pip, wanted, look)
    const result = await askPip(pip, ['list', '--outdated', '--format=json'], wanted, look)
    const outdated = result.code === 0 ? latestVersions(result.stdout) : undefined
    if (typeof before === 'string' || !outdated) return failed(`Failed to update: ${pipComplaint(result)}`)
    if (outdated.size === 0) return inSync('System is already up-to-date.')
    const names = [...outdated.keys()]
    const versionOf = (name: string): string =>
      [...before.values()].find((one) => one.name === name)?.version ?? ''
    const changes: Record<string, Plain> = {}
    for (const [name, latest] of outdated) changes[name] = { old: versionOf(name), new: latest }
    const comments = { would: 'System update will be performed', done: 'Upgrade successful.' }
    return drift(changes, comments, async (act): Promise<Applied | undefined> => {
      const undo = [['install', '--no-deps', '--', ...names.map((name) => `${name}==${versionOf(name)}`)]]
      const upgraded = await runPip(pip, ['install', '--upgrade', '--', ...names], wanted, act, undo)
      return upgraded.code === 0
        ? undefined
        : { ok: false, changes: {}, comment: `Upgrade failed. ${pipComplaint(upgraded)}` }
    })
  },
})

/** Name → newest version. */
function latestVersions(text: string): Map<string, string> | undefined {
  if (!parseList(text)) return undefined
  const rows: readonly { readonly name: string; readonly latest_version: string }[] = JSON.parse(text.trim())
  return new Map(rows.map((row) => [row.name, row.latest_version]))
}
