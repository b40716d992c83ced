/** Functions of pkg that tell of packages and their files. */
import * as v from 'valibot'
import type { Plain } from '../../../shared/data/value.ts'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { mapping, textList } from '../../../shared/schema/collections.ts'
import { flag, text } from '../../../shared/schema/scalars.ts'
import type { Reader } from '../../system/reader.ts'
import { type ExecFunction, execFunction } from '../contract.ts'

const packages = v.strictObject({ names: needed(textList, 'Names of packages.') })

/** Salt's shape: packages that are not there are named under `errors`. */
async function filesOf(
  names: readonly string[],
  look: Reader,
): Promise<{ found: Map<string, readonly string[]>; errors: string[] }> {
  const found = new Map<string, readonly string[]>()
  const errors: string[] = []
  for (const name of names) {
    const files = await look.packages.filesOf?.(name)
    if (files) found.set(name, files)
    else errors.push(`package ${name} is not installed`)
  }
  return { found, errors }
}

const listHolds = async (look: Reader): Promise<string[]> =>
  [...(await look.packages.installed())]
    .filter(([, one]) => one.held)
    .map(([name]) => name)
    .sort()

const holds = (summary: string, example: string): ExecFunction =>
  execFunction({
    summary,
    args: v.strictObject({}),
    examples: [example],
    readOnly: true,
    run: async (_, { look }) => listHolds(look),
  })

/** Fields of installed packages, all where none is named. */
export const infoInstalled = execFunction({
  summary: 'Version, architecture, size, summary and more of installed packages.',
  args: v.strictObject({
    names: defaulted(textList, [], 'Names of packages; none: all.'),
    attr: optional(text, 'Only these fields, by comma.'),
    failhard: defaulted(flag, true, 'Accepted for calls of Salt; what is not installed is left out.'),
    options: optional(mapping, 'Accepted for calls of Salt.'),
  }),
  rest: 'names',
  restKeywords: 'options',
  examples: ["tsalt '*' pkg.info_installed nginx", "tsalt '*' pkg.info_installed attr=version,arch"],
  readOnly: true,
  async run({ names, attr }, { look }) {
    const wanted = names.length > 0 ? names : [...(await look.packages.installed()).keys()]
    const found = await look.packages.describe?.(wanted)
    const fields = attr?.split(',').map((one) => one.trim())
    const entries = [...(found ?? [])].sort(([a], [b]) => (a < b ? -1 : 1))
    return new Map<string, Plain>(
      entries.map(([name, all]) => [
        name,
        fields ? Object.fromEntries(Object.entries(all).filter(([key]) => fields.includes(key))) : all,
      ]),
    )
  },
})

export const fileList = execFunction({
  summary: 'Paths that installed packages own, in one list.',
  args: packages,
  rest: 'names',
  examples: ["tsalt '*' pkg.file_list nginx"],
  readOnly: true,
  async run({ names }, { look }) {
    const { found, errors } = await filesOf(names, look)
    return { errors, files: [...found.values()].flat().sort() }
  },
})

export const fileDict = execFunction({
  summary: 'Paths that installed packages own, package by package.',
  args: packages,
  rest: 'names',
  examples: ["tsalt '*' pkg.file_dict nginx"],
  readOnly: true,
  async run({ names }, { look }) {
    const { found, errors } = await filesOf(names, look)
    return { errors, packages: Object.fromEntries([...found].map(([name, files]) => [name, [...files]])) }
  },
})

export const factFunctions: Readonly<Record<string, ExecFunction>> = {
  owner: execFunction({
    summary: 'Package that a path belongs to; empty where it belongs to none.',
    args: v.strictObject({ paths: needed(textList, 'Paths on the minion.') }),
    rest: 'paths',
    examples: ["tsalt '*' pkg.owner /usr/bin/vim"],
    readOnly: true,
    async run({ paths }, { look }) {
      const owners: [string, string][] = []
      for (const path of paths) owners.push([path, (await look.packages.ownerOf?.(path)) ?? ''])
      return owners.length === 1 ? (owners[0]?.[1] ?? '') : Object.fromEntries(owners)
    },
  }),
  file_list: fileList,
  file_dict: fileDict,
  info_installed: infoInstalled,
  list_holds: holds('Packages that keep their version at upgrades.', "tsalt '*' pkg.list_holds"),
  get_holds: holds('The same as list_holds.', "tsalt '*' pkg.get_holds"),
  list_repo_pkgs: execFunction({
    summary: 'Versions that the sources offer, newest first.',
    args: v.strictObject({
      names: needed(textList, 'Names of packages.'),
      fromrepo: optional(text, 'Only of this release (apt) or repository.'),
      options: optional(mapping, 'Accepted for calls of Salt.'),
    }),
    rest: 'names',
    restKeywords: 'options',
    examples: ["tsalt '*' pkg.list_repo_pkgs nginx"],
    readOnly: true,
    async run({ names, fromrepo }, { look }) {
      const offers = await Promise.all(names.map((name) => look.packages.available(name, fromrepo)))
      const rows = names.map((name, index) => [name, [...(offers[index]?.versions ?? [])]] as const)
      return Object.fromEntries(rows.filter(([, versions]) => versions.length > 0))
    },
  }),
  list_downloaded: execFunction({
    summary: 'Versions of packages whose files are kept.',
    args: v.strictObject({}),
    examples: ["tsalt '*' pkg.list_downloaded"],
    readOnly: true,
    run: async (_, { look }) =>
      new Map<string, Plain>(
        [...(await look.packages.downloaded())].sort().map(([name, all]) => [name, [...all]]),
      ),
  }),
}
