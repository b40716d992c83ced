/** Functions of pkg about where packages come from: they do what the states of pkgrepo do. */
import * as v from 'valibot'
import { type Dict, isDict, type Plain, toValue } from '../../../shared/data/value.ts'
import { TsaltError } from '../../../shared/errors/error.ts'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { mapping } from '../../../shared/schema/collections.ts'
import { flag, nonEmptyText, text } from '../../../shared/schema/scalars.ts'
import { allFiles } from '../../states/pkgrepo/apt.ts'
import { writeLine } from '../../states/pkgrepo/apt-line.ts'
import { pkgrepo, repositoryFolders } from '../../states/pkgrepo/pkgrepo.ts'
import { allSections } from '../../states/pkgrepo/yum.ts'
import type { Reader } from '../../system/reader.ts'
import { type ExecFunction, execFunction, type ModuleContext } from '../contract.ts'

/** Salt's shape: by address a list on Debian, by id elsewhere. */
async function repositories(look: Reader): Promise<Map<string, Plain>> {
  const folder = repositoryFolders[String(look.grains.get('os_family'))]
  if (folder !== undefined) {
    const sections = await allSections(folder, look)
    return new Map(
      sections.map(({ id, file, values }) => [id, { file: file.path, ...Object.fromEntries(values) }]),
    )
  }
  const found = new Map<string, Plain[]>()
  for (const file of await allFiles(look))
    for (const one of file.repositories) {
      const { uri, type, suite: dist, components, options, disabled } = one
      const architectures = options.get('arch')?.split(',') ?? []
      const signedby = options.get('signed-by') ?? ''
      const row = {
        file: file.path,
        type,
        uri,
        dist,
        comps: [...components],
        architectures,
        signedby,
        disabled,
        line: writeLine(one),
      }
      found.set(uri, [...(found.get(uri) ?? []), row])
    }
  return found
}

const failure = (doing: string, reason: string): TsaltError =>
  new TsaltError('package-failed', { manager: doing, code: '-', reason })

/** Does what a state of pkgrepo would do now. */
async function asState(fun: 'managed' | 'absent', given: Dict, { look, act }: ModuleContext): Promise<Plain> {
  const definition = pkgrepo.functions[fun]
  if (!definition) throw failure(`pkgrepo.${fun}`, 'it does not exist')
  const read = v.safeParse(definition.args, Object.fromEntries(given))
  if (!read.success) throw failure(`pkgrepo.${fun}`, read.issues.map(({ message }) => message).join('; '))
  const refused = definition.refuse?.(read.output)
  if (refused) throw failure(`pkgrepo.${fun}`, `${refused.argument}: ${refused.reason}`)
  const run = { test: false, predicted: [], id: 'pkg', sls: '', environment: 'base' }
  const decision = await definition.check(read.output, look, run)
  if (decision.kind === 'failed') throw failure(`pkgrepo.${fun}`, decision.comment)
  if (decision.kind !== 'drift') return {}
  const applied = await decision.apply(act)
  if (applied?.ok === false) throw failure(`pkgrepo.${fun}`, applied.comment ?? '')
  return applied?.changes ?? decision.changes
}

const repo = needed(nonEmptyText, 'The repository: its line or address on Debian, its id elsewhere.')

async function find(wanted: string, look: Reader): Promise<Plain> {
  const all = await repositories(look)
  const exact = all.get(wanted)
  if (exact !== undefined) return exact
  for (const rows of all.values()) {
    const list = Array.isArray(rows) ? rows : []
    const row = list.find((one) => {
      const fields = toValue(one)
      return isDict(fields) && fields.get('line') === wanted
    })
    if (row !== undefined) return row
  }
  return {}
}

export const repositoryFunctions: Readonly<Record<string, ExecFunction>> = {
  list_repos: execFunction({
    summary: 'Where packages come from.',
    args: v.strictObject({ options: optional(mapping, 'Accepted for calls of Salt.') }),
    restKeywords: 'options',
    examples: ["tsalt '*' pkg.list_repos"],
    readOnly: true,
    run: async (_, { look }) => repositories(look),
  }),
  get_repo: execFunction({
    summary: 'What is configured of a repository; empty where there is none.',
    args: v.strictObject({ repo }),
    examples: ["tsalt '*' pkg.get_repo 'deb http://deb.debian.org/debian bookworm main'"],
    readOnly: true,
    run: async ({ repo: wanted }, { look }) => find(wanted, look),
  }),
  mod_repo: execFunction({
    summary: 'Configures a repository, with the arguments of the state pkgrepo.managed; tells what changed.',
    args: v.strictObject({ repo, settings: optional(mapping, 'Arguments of pkgrepo.managed.') }),
    restKeywords: 'settings',
    examples: [
      "tsalt web1 pkg.mod_repo 'deb https://apt.example.org stable main' file=/etc/apt/sources.list.d/example.list",
    ],
    readOnly: false,
    run: async ({ repo: name, settings = new Map() }, context) =>
      asState('managed', new Map([...settings, ['name', name]]), context),
  }),
  del_repo: execFunction({
    summary: 'Removes a repository.',
    args: v.strictObject({
      repo,
      refresh: defaulted(flag, true, 'Fetch the lists of packages afterwards.'),
      file: optional(text, 'Accepted for calls of Salt.'),
    }),
    examples: ["tsalt web1 pkg.del_repo 'deb https://apt.example.org stable main'"],
    readOnly: false,
    run: async ({ repo: name, refresh }, context) =>
      asState(
        'absent',
        new Map<string, string | boolean>([
          ['name', name],
          ['refresh', refresh],
        ]),
        context,
      ),
  }),
}
