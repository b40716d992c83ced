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
  'proxy',
  'type',
  'autorefresh',
  'keeppackages',
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

export interface Section {
  readonly id: string
  readonly file: TextFile
  /** Lines of the section in the file. */
  readonly from: number
  readonly to: number
  readonly values: ReadonlyMap<string, string>
}

async function findSection(folder: string, id: string, look: Reader): Promise<Section | undefined> {
  return (await allSections(folder, look)).find((one) => one.id === id)
}

/** Every repository of a folder of .repo files. */
export async function allSections(folder: string, look: Reader): Promise<Section[]> {
  const names = (await look.files.infoFollowed(folder)) ? await look.files.list(folder) : []
  const found: Section[] = []
  for (const name of names.filter((one) => one.endsWith('.repo'))) {
    const file = await readTextFile(`${folder}/${name}`, look)
    if (file.kind === 'text') found.push(...sectionsIn(file))
  }
  return found
}

function sectionsIn(file: TextFile): Section[] {
  const lines = linesOf(file.text)
  const heads = lines.flatMap((line, from) => {
    const id = /^\s*\[([^\]]+)\]\s*$/.exec(line)?.[1]
    return id === undefined ? [] : [{ id, from }]
  })
  return heads.map(({ id, from }, index) => {
    const to = heads[index + 1]?.from ?? lines.length
    const pairs = lines.slice(from + 1, to).flatMap((line): [string, string][] => {
      const match = /^\s*([^#;=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line)
      return match ? [[match[1] ?? '', match[2] ?? '']] : []
    })
    return { id, file, from, to, values: new Map(pairs) }
  })
}

const idOf = ({ name }: { name: string }): string | undefined =>
  /^[A-Za-z0-9._:-]+$/.test(name) ? name : undefined
const badId = (name: string): Failed =>
  failed(
    `"${name}" cannot be the id of a repository`,
    'It has letters, digits, ".", "_", "-" and ":"; use humanname for words.',
  )

/** A project of Copr, whose address and key follow from its name. */
function withCopr(given: ManagedArguments, look: Reader): ManagedArguments {
  const [, owner = '', project = ''] = /^([@\w.-]+)\/([\w.+-]+)$/.exec(given.copr ?? '') ?? []
  if (project === '') return given
  const host = 'copr.fedorainfracloud.org'
  const results = `https://download.${host}/results/${owner}/${project}`
  const system =
    look.grains.get('os') === 'Fedora' ? 'fedora-$releasever' : `epel-${look.grains.get('osmajorrelease')}`
  return {
    baseurl: `${results}/${system}-$basearch/`,
    gpgkey: `${results}/pubkey.gpg`,
    gpgcheck: true,
    humanname: `Copr repo for ${project} owned by ${owner}`,
    ...given,
    name: `copr:${host}:${owner.replace(/^@/, 'group_')}:${project}`,
  }
}

export async function yumManaged(
  given: ManagedArguments,
  folder: string,
  look: Reader,
): Promise<RepositoryPlan | Failed> {
  const wanted = withCopr(given, look)
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
