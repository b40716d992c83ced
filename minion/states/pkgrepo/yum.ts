/** Repositories of yum, dnf and zypper: sections of .repo files. */
import type { Plain } from '../../../shared/data/value.ts'
import type { Reader } from '../../system/reader.ts'
import { type Failed, failed } from '../contract.ts'
import { linesOf, readTextFile, type TextFile, textOf } from '../text-file.ts'
import { type AbsentArguments, isDisabled, type ManagedArguments } from './arguments.ts'
import { type RepositoryPlan, writeRepositoryFile } from './plan.ts'

const keys = [
  'baseurl',
  'mirrorlist',
  'metalink',
  'gpgcheck',
  'repo_gpgcheck',
  'gpgkey',
  'priority',
  'cost',
  'exclude',
  'includepkgs',
  'metadata_expire',
  'failovermethod',
  'skip_if_unavailable',
  'module_hotfixes',
  'sslverify',
  'sslcacert',
  'sslclientcert',
  'sslclientkey',
  'username',
  'password',
] as const satisfies readonly (keyof ManagedArguments)[]

function wish(wanted: ManagedArguments): Map<string, string> {
  const section = new Map([
    ['name', wanted.humanname ?? wanted.name],
    ['enabled', isDisabled(wanted) ? '0' : '1'],
  ])
  for (const key of keys) {
    const value = wanted[key]
    if (typeof value === 'boolean') section.set(key, value ? '1' : '0')
    else if (Array.isArray(value)) section.set(key, value.join(' '))
    else if (value !== undefined) section.set(key, String(value))
  }
  return section
}

interface Section {
  readonly file: TextFile
  /** Lines of the section in the file. */
  readonly from: number
  readonly to: number
  readonly values: ReadonlyMap<string, string>
}

async function findSection(folder: string, id: string, look: Reader): Promise<Section | undefined> {
  const names = (await look.files.infoFollowed(folder)) ? await look.files.list(folder) : []
  for (const name of names.filter((one) => one.endsWith('.repo'))) {
    const file = await readTextFile(`${folder}/${name}`, look)
    if (file.kind !== 'text') continue
    const lines = linesOf(file.text)
    const from = lines.findIndex((line) => line.trim() === `[${id}]`)
    if (from < 0) continue
    const next = lines.findIndex((line, index) => index > from && /^\s*\[/.test(line))
    const to = next < 0 ? lines.length : next
    const pairs = lines.slice(from + 1, to).flatMap((line): [string, string][] => {
      const match = /^\s*([^#;=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line)
      return match ? [[match[1] ?? '', match[2] ?? '']] : []
    })
    return { file, from, to, values: new Map(pairs) }
  }
  return undefined
}

const idOf = ({ name }: { name: string }): string | undefined =>
  /^[A-Za-z0-9._:-]+$/.test(name) ? name : undefined
const badId = (name: string): Failed =>
  failed(
    `"${name}" cannot be the id of a repository`,
    'It has letters, digits, ".", "_", "-" and ":"; use humanname for words.',
  )

export async function yumManaged(
  wanted: ManagedArguments,
  folder: string,
  look: Reader,
): Promise<RepositoryPlan | Failed> {
  const id = idOf(wanted)
  if (id === undefined) return badId(wanted.name)
  if (
    wanted.baseurl === undefined &&
    wanted.mirrorlist === undefined &&
    wanted.metalink === undefined &&
    !(await findSection(folder, id, look))
  )
    return failed(`The repository ${id} is new, so it needs baseurl, mirrorlist or metalink`)
  const section = await findSection(folder, id, look)
  const values = new Map([...(section?.values ?? []), ...wish(wanted)])
  const changes: Record<string, Plain> = {}
  if (!section) changes.repo = id
  else
    for (const [key, value] of values)
      if (section.values.get(key) !== value)
        changes[key] = { old: section.values.get(key) ?? null, new: value }
  const lines = [`[${id}]`, ...[...values].map(([key, value]) => `${key}=${value}`)]
  const file = section?.file ?? (await readTextFile(`${folder}/${id}.repo`, look))
  if (file.kind !== 'text') return file
  const before = linesOf(file.text)
  const after = section
    ? before.toSpliced(section.from, section.to - section.from, ...lines)
    : [...before, ...lines]
  return { kind: 'plan', changes, apply: (act) => writeRepositoryFile(file, textOf(after), act) }
}

export async function yumAbsent(
  { name }: AbsentArguments,
  folder: string,
  look: Reader,
): Promise<RepositoryPlan | Failed> {
  const id = idOf({ name })
  if (id === undefined) return badId(name)
  const section = await findSection(folder, id, look)
  return {
    kind: 'plan',
    changes: section ? { repo: id } : {},
    async apply(act) {
      if (!section) return
      const after = linesOf(section.file.text).toSpliced(section.from, section.to - section.from)
      await writeRepositoryFile(
        section.file,
        after.every((line) => line.trim() === '') ? undefined : textOf(after),
        act,
      )
    },
  }
}
