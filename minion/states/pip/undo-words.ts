/** What takes an installation by pip back, as words for pip. */
import { type PythonRequirement, pythonName } from '../../installers/python-requirement.ts'
import type { Installed } from './plan.ts'

/** What was not there goes; what was there comes back in its version, without what it needs. */
export function undoWords(open: readonly PythonRequirement[], before: Installed): string[][] {
  const names = open.flatMap(({ name }) => name ?? [])
  const fresh = names.filter((name) => !before.has(pythonName(name)))
  const old = names.flatMap((name) => before.get(pythonName(name)) ?? [])
  return [
    ...(fresh.length > 0 ? [['uninstall', '-y', '--', ...fresh]] : []),
    ...(old.length > 0
      ? [['install', '--no-deps', '--', ...old.map((one) => `${one.name}==${one.version}`)]]
      : []),
  ]
}
