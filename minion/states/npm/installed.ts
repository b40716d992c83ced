/** npm.installed: packages of Node.js, for all or in a directory. */
import { posix } from 'node:path'
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { textList } from '../../../shared/schema/collections.ts'
import { flag, nonEmptyText, text } from '../../../shared/schema/scalars.ts'
import {
  isExactVersion,
  listNpm,
  type NpmCaller,
  type NpmPackage,
  type NpmWish,
  npmComplaint,
  npmOptions,
  parseNpmWish,
  placeWords,
} from '../../installers/npm.ts'
import type { Changer, UndoStep } from '../../system/changer.ts'
import type { Reader } from '../../system/reader.ts'
import { type Applied, drift, failed, inSync, stateFunction } from '../contract.ts'
import { callerEntries, requireNpm } from './arguments.ts'

export const installed = stateFunction({
  summary: 'Makes sure that packages of Node.js are installed.',
  args: v.strictObject({
    name: needed(
      nonEmptyText,
      'The package: `yarn`, `yarn@1.22.19`, `@scope/name@^2`, a path of a .tgz, an address.',
    ),
    pkgs: optional(textList, 'Several packages; the name is then only one for the state.'),
    force_reinstall: defaulted(flag, false, 'Install again what is installed, at every run.'),
    registry: optional(text, 'Address of the registry.'),
    ...callerEntries,
  }),
  examples: [
    'yarn@1.22.19:\n  npm.installed: []\n',
    'build tools:\n  npm.installed:\n    - pkgs: [less, uglify-js@3.17.4]\n    - dir: /srv/app\n    - user: app\n',
  ],
  refuse: ({ name, pkgs }) => {
    const dashed = (pkgs ?? [name]).find((one) => one.startsWith('-'))
    return dashed
      ? { argument: pkgs ? 'pkgs' : 'name', reason: `"${dashed}" is an option of npm` }
      : undefined
  },
  async check(wanted, look, run) {
    const lacking = await requireNpm(look, run)
    if (lacking) return lacking
    const { name, pkgs = [name], force_reinstall, registry } = wanted
    const list = await listNpm(wanted, look)
    if (typeof list === 'string') return failed(`Error looking up '${name}': ${list}`)
    const open: NpmWish[] = []
    const satisfied: string[] = []
    for (const wish of pkgs.map(parseNpmWish)) {
      const found = force_reinstall ? undefined : await findFitting(wish, list, wanted, look)
      if (found) satisfied.push(`${found.name}@${found.version}`)
      else open.push(wish)
    }
    if (open.length === 0)
      return inSync(`Package(s) '${pkgs.join(', ')}' satisfied by ${satisfied.join(', ')}`)
    const texts = open.map((one) => one.text)
    return drift(
      { old: [], new: texts },
      {
        would: `NPM package(s) '${texts.join(', ')}' are set to be installed`,
        done: `Package(s) '${texts.join(', ')}' successfully installed`,
      },
      (act) => install(open, registry, list, wanted, act),
    )
  },
})

async function findFitting(
  { name, version, text: written }: NpmWish,
  list: ReadonlyMap<string, NpmPackage>,
  caller: NpmCaller,
  look: Reader,
): Promise<NpmPackage | undefined> {
  if (name === undefined)
    return [...list.values()].find((one) => isPacked(written, one) || isFrom(written, one.resolved))
  const found = list.get(name)
  if (!found || version === undefined) return found
  if (isExactVersion(version)) return found.version === version.replace(/^v/, '') ? found : undefined
  // Ranges and tags are for npm to judge.
  const fitting = await listNpm(caller, look, [`${name}@${version}`])
  return typeof fitting === 'string' ? undefined : fitting.get(name)
}

/** A file as npm pack names it tells what is in it: `scope-name-1.0.0.tgz`. For all, npm does not tell where a package came from. */
const isPacked = (written: string, { name, version }: NpmPackage): boolean =>
  posix.basename(written.replace(/[?#].*$/, '')) ===
  `${name.replace(/^@/, '').replace('/', '-')}-${version}.tgz`

/** npm keeps an address as it is and a path relative to where it installs. */
function isFrom(written: string, resolved: string): boolean {
  if (written.includes('://'))
    return resolved.split('://')[1]?.replace(/#.*$/, '') === written.split('://')[1]?.replace(/#.*$/, '')
  return (
    resolved.startsWith('file:') &&
    posix.resolve('/', written).endsWith(resolved.slice(5).replace(/^(?:\.\.\/)*\/?/, '/'))
  )
}

async function install(
  open: readonly NpmWish[],
  registry: string | undefined,
  before: ReadonlyMap<string, NpmPackage>,
  caller: NpmCaller,
  act: Changer,
): Promise<Applied | undefined> {
  const texts = open.map((one) => one.text)
  const flags = registry === undefined ? [] : [`--registry=${registry}`]
  const words = ['npm', 'install', ...placeWords(caller), ...flags, '--', ...texts]
  const result = await act.commands.run(words, {
    ...npmOptions(caller),
    undo: undoSteps(open, before, caller),
  })
  if (result.code === 0) return undefined
  return {
    ok: false,
    changes: {},
    comment: `Error installing '${texts.join(', ')}': ${npmComplaint(result)}`,
  }
}

/** What was not there goes, what was comes back in its version. */
function undoSteps(
  open: readonly NpmWish[],
  before: ReadonlyMap<string, NpmPackage>,
  caller: NpmCaller,
): UndoStep[] {
  const names = open.flatMap(({ name }) => name ?? [])
  const fresh = names.filter((name) => !before.has(name))
  const old = names.flatMap((name) => before.get(name) ?? []).map(({ name, version }) => `${name}@${version}`)
  const { runas, cwd, env } = npmOptions(caller)
  const surroundings = {
    ...(runas !== undefined && { runas }),
    ...(cwd !== undefined && { cwd }),
    ...(env && { env }),
  }
  const step = (verb: string, operands: readonly string[]): UndoStep[] =>
    operands.length === 0
      ? []
      : [{ argv: ['npm', verb, ...placeWords(caller), '--', ...operands], ...surroundings }]
  return [...step('uninstall', fresh), ...step('install', old)]
}
