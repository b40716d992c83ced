/**
 * Modules, sites and configurations of Apache as Debian arranges them: what is available is enabled by links. The links
 * are made as a2enmod and its kin make them, so a dry run tells them and an undo takes them back.
 */
import * as v from 'valibot'
import { needed } from '../../../shared/schema/argument.ts'
import { readText } from '../../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../../shared/schema/shaped.ts'
import type { Changer } from '../../system/changer.ts'
import type { Reader } from '../../system/reader.ts'
import {
  type Applied,
  type Decision,
  drift,
  failed,
  inSync,
  type StateRun,
  stateFunction,
  unknown,
} from '../contract.ts'
import { requiredPackage } from '../required-package.ts'
import { missingUnlessBrought } from '../required-program.ts'

export type Kind = 'module' | 'site' | 'conf'

/** Folder before `-available`, and the word that Salt uses. */
const folders: Readonly<Record<Kind, string>> = {
  module: '/etc/apache2/mods',
  site: '/etc/apache2/sites',
  conf: '/etc/apache2/conf',
}
const words: Readonly<Record<Kind, string>> = { module: 'module', site: 'site', conf: 'conf' }

const partName = shaped<string>({
  words: 'name',
  json: { type: 'string' },
  read(value) {
    const read = readText(value)
    return read !== undefined && /^[A-Za-z0-9][\w.@:+-]*$/.test(read)
      ? read
      : new Mismatch(`a name such as rewrite is expected, not ${describeValue(value)}`)
  },
})

const plainName = (kind: Kind, name: string): string =>
  kind === 'module' ? name.replace(/\.load$/, '') : name.replace(/\.conf$/, '')

/** Files below `-available`; the first has to exist. */
const filesOf = (kind: Kind, name: string): string[] =>
  kind === 'module' ? [`${name}.load`, `${name}.conf`] : [`${name}.conf`]

const available = (kind: Kind, file: string): string => `${folders[kind]}-available/${file}`
const enabledPath = (kind: Kind, file: string): string => `${folders[kind]}-enabled/${file}`

async function isEnabled(kind: Kind, name: string, look: Reader): Promise<boolean> {
  for (const file of namesOf(kind, name))
    if ((await look.files.info(enabledPath(kind, file))) !== undefined) return true
  return false
}

/** Debian's own first site and its link differ in name. */
const namesOf = (kind: Kind, name: string): string[] =>
  kind === 'site' && name === 'default'
    ? ['default.conf', '000-default.conf', '000-default']
    : filesOf(kind, name).slice(0, 1)

const comes: ReadonlySet<string> = new Set(['pkg', 'file', 'cmd', 'apache'])

/** In a dry run: an earlier state writes this very file. */
const isPredicted = (path: string, run: StateRun): boolean =>
  run.test &&
  run.predicted.some(({ state, name }) => (state === 'file' || state === 'apache') && name === path)

/** The module itself and those that it says it needs. */
async function withNeeded(
  name: string,
  look: Reader,
  run: StateRun,
  seen = new Set<string>(),
): Promise<string[] | string> {
  if (seen.has(name)) return []
  seen.add(name)
  const path = available('module', `${name}.load`)
  if (isPredicted(path, run)) return [name]
  if (!(await look.files.infoFollowed(path))) return name
  const text = Buffer.from(await look.files.read(path)).toString('utf8')
  const listed = (key: string): string[] =>
    [...text.matchAll(new RegExp(`^# ${key}:[ \\t]*(.*)$`, 'gm'))].flatMap((match) =>
      (match[1] ?? '').split(/[\s,]+/).filter((word) => word !== ''),
    )
  for (const other of listed('Conflicts'))
    if (await isEnabled('module', other, look)) return `${name} conflicts with ${other}, which is enabled`
  const found: string[] = []
  for (const other of listed('Depends')) {
    const needs = await withNeeded(other, look, run, seen)
    if (typeof needs === 'string') return needs
    found.push(...needs)
  }
  return [...found, name]
}

async function enable(kind: Kind, name: string, look: Reader, run: StateRun): Promise<Decision> {
  const word = words[kind]
  if (await isEnabled(kind, name, look)) return inSync(`${name} already enabled.`)
  const wanted =
    kind === 'module' ? await withNeeded(name, look, run) : await siteThere(kind, name, look, run)
  if (typeof wanted === 'string' && wanted.includes(' '))
    return failed(`Failed to enable ${name} Apache ${word}: ${wanted}`)
  if (typeof wanted === 'string')
    return missingUnlessBrought(
      `Failed to enable ${name} Apache ${word}: there is no ${available(kind, filesOf(kind, wanted)[0] ?? '')}`,
      'Install or write it in an earlier state, and require that.',
      comes,
      run,
    )
  const comments = { would: `Apache ${word} ${name} is set to be enabled.`, done: `${name} enabled.` }
  return drift(
    { old: null, new: name },
    { ...comments, done: `Apache ${word} ${name} was enabled` },
    async (act) => {
      for (const one of wanted) await link(kind, one, act)
      return undefined
    },
  )
}

async function siteThere(kind: Kind, name: string, look: Reader, run: StateRun): Promise<string[] | string> {
  const path = available(kind, `${name}.conf`)
  return isPredicted(path, run) || (await look.files.infoFollowed(path)) ? [name] : name
}

async function link(kind: Kind, name: string, act: Changer): Promise<void> {
  const folder = `${folders[kind]}-enabled`
  if (!(await act.look.files.infoFollowed(folder))) await act.files.makeDirectory(folder, { mode: 0o755 })
  for (const file of filesOf(kind, name)) {
    const isThere = await act.look.files.infoFollowed(available(kind, file))
    const at = enabledPath(kind, file)
    if (isThere && !(await act.look.files.info(at)))
      await act.files.symlink(at, `..${available(kind, file).slice('/etc/apache2'.length)}`)
  }
  await mark(kind, name, 'enabled', act)
}

/** By these, upgrades of packages know what the administrator chose. */
async function mark(kind: Kind, name: string, way: 'enabled' | 'disabled', act: Changer): Promise<void> {
  const folder = `/var/lib/apache2/${kind}`
  const other = way === 'enabled' ? 'disabled' : 'enabled'
  if ((await act.look.files.infoFollowed(`${folder}/${way}_by_admin`))?.type !== 'directory') return
  await act.files.write(`${folder}/${way}_by_admin/${name}`, new Uint8Array())
  await act.files.remove(`${folder}/${other}_by_admin/${name}`)
}

async function disable(kind: Kind, name: string, look: Reader, run: StateRun): Promise<Decision> {
  const word = words[kind]
  if (!(await isEnabled(kind, name, look))) {
    const bringer = requiredPackage(run)
    return bringer
      ? unknown(`pkg.${bringer.fun} ${bringer.id} may bring the Apache ${word} ${name}, enabled`)
      : inSync(`${name} already disabled.`)
  }
  const own = await ownFile(kind, name, look)
  if (own !== undefined)
    return failed(
      `Failed to disable ${name} Apache ${word}: ${own} is a file, not a link`,
      'Somebody wrote it there; move it below -available, or remove it with file.absent.',
    )
  const comments = {
    would: `Apache ${word} ${name} is set to be disabled.`,
    done: `Apache ${word} ${name} was disabled`,
  }
  return drift({ old: name, new: null }, comments, async (act): Promise<Applied | undefined> => {
    for (const file of [...filesOf(kind, name), ...namesOf(kind, name)])
      if (await act.look.files.info(enabledPath(kind, file))) await act.files.remove(enabledPath(kind, file))
    await mark(kind, name, 'disabled', act)
    return undefined
  })
}

/** What would be lost with the link. */
async function ownFile(kind: Kind, name: string, look: Reader): Promise<string | undefined> {
  for (const file of [...filesOf(kind, name), ...namesOf(kind, name)]) {
    const info = await look.files.info(enabledPath(kind, file))
    if (info && info.type !== 'symlink') return enabledPath(kind, file)
  }
  return undefined
}

/** `enabled` and `disabled` of a kind. */
export function switches(kind: Kind, what: string, example: string) {
  const args = v.strictObject({ name: needed(partName, `The ${what}: \`${example}\`.`) })
  return {
    enabled: stateFunction({
      summary: `Makes sure that a ${what} of Apache is enabled.`,
      args,
      examples: [`${example}:\n  apache_${kind}.enabled: []\n`],
      check: ({ name }, look, run) => enable(kind, plainName(kind, name), look, run),
    }),
    disabled: stateFunction({
      summary: `Makes sure that a ${what} of Apache is not enabled.`,
      args,
      examples: [`${example}:\n  apache_${kind}.disabled: []\n`],
      check: ({ name }, look, run) => disable(kind, plainName(kind, name), look, run),
    }),
  }
}
