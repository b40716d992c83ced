/** Repositories of apt. */
import { basename, dirname } from 'node:path'
import type { Plain } from '../../../shared/data/value.ts'
import type { Changer } from '../../system/changer.ts'
import type { Reader } from '../../system/reader.ts'
import { type Failed, failed, type StateRun } from '../contract.ts'
import { readTextFile, type TextFile } from '../text-file.ts'
import {
  type AptRepository,
  isSame,
  isSamePlace,
  parseLine,
  repositoriesIn,
  withoutRepository,
  withRepository,
  writeLine,
} from './apt-line.ts'
import { type AbsentArguments, isDisabled, type ManagedArguments } from './arguments.ts'
import { parseSources, withoutParagraph, withParagraph } from './deb822.ts'
import { type RepositoryKey, wantedKey } from './key.ts'
import { type RepositoryPlan, writeRepositoryFile } from './plan.ts'
import { type PpaWish, ppaWish } from './ppa.ts'

const mainFile = '/etc/apt/sources.list'
const folder = '/etc/apt/sources.list.d'
const keyFolder = '/etc/apt/keyrings'

export interface SourceFile extends TextFile {
  readonly repositories: readonly AptRepository[]
}

const isDeb822 = (path: string): boolean => path.endsWith('.sources')

async function openFile(path: string, look: Reader): Promise<SourceFile | Failed> {
  const file = await readTextFile(path, look)
  if (file.kind !== 'text') return file
  const repositories = isDeb822(path)
    ? parseSources(file.text).flatMap((one) => one.repositories)
    : repositoriesIn(file.text)
  return { ...file, path, repositories }
}

/** Every file of sources that is there. */
export async function allFiles(look: Reader): Promise<SourceFile[]> {
  const names = (await look.files.infoFollowed(folder)) ? await look.files.list(folder) : []
  const paths = [
    mainFile,
    ...names.filter((name) => /\.(?:list|sources)$/.test(name)).map((name) => `${folder}/${name}`),
  ]
  const files: SourceFile[] = []
  for (const path of paths) {
    const file = await openFile(path, look)
    if (file.kind === 'text' && file.info) files.push(file)
  }
  return files
}

const shape = 'deb [options] URI SUITE COMPONENTS'

function parsed(wanted: Pick<ManagedArguments, 'name'>, ppa: PpaWish | undefined): AptRepository | Failed {
  const line = ppa?.line ?? wanted.name
  return parseLine(line) ?? failed(`"${line}" is not a repository of apt`, `Write it as "${shape}".`)
}

/** The line with what other arguments say. */
function wish(line: AptRepository, wanted: ManagedArguments, key: string | undefined): AptRepository {
  const options = new Map(line.options)
  const architectures = wanted.architectures ?? wanted.architecture
  if (architectures) options.set('arch', architectures.join(','))
  if (key !== undefined) options.set('signed-by', key)
  if (wanted.trusted !== undefined) options.set('trusted', wanted.trusted ? 'yes' : 'no')
  return {
    ...line,
    options,
    suite: wanted.dist ?? line.suite,
    components: wanted.comps ?? line.components,
    disabled: isDisabled(wanted),
  }
}

/** @param named the file of the state, whose name the key ring gets */
function keyPath(
  wanted: ManagedArguments,
  line: AptRepository,
  named: string | undefined,
): string | undefined {
  const given = wanted.signedby ?? line.options.get('signed-by')
  if (given !== undefined) return given
  if (wanted.key_url === undefined && wanted.key_text === undefined && wanted.keyid === undefined)
    return undefined
  const stem =
    named === undefined || named === mainFile
      ? line.uri
          .replace(/^[a-z+]+:\/*/i, '')
          .replace(/[^A-Za-z0-9.-]+/g, '-')
          .replace(/^-+|-+$/g, '')
      : basename(named).replace(/\.(?:list|sources)$/, '')
  return `${keyFolder}/${stem}.gpg`
}

export async function aptManaged(
  given: ManagedArguments,
  look: Reader,
  run: StateRun,
): Promise<RepositoryPlan | Failed> {
  const ppa =
    given.ppa === undefined && !given.name.startsWith('ppa:')
      ? undefined
      : await ppaWish(given.ppa ?? given.name, look, run)
  if (ppa?.kind === 'failed') return ppa
  const wanted: ManagedArguments = ppa ? { file: ppa.file, keyid: [ppa.fingerprint], ...given } : given
  const line = parsed(wanted, ppa)
  if ('kind' in line) return line
  const ring = keyPath(wanted, line, wanted.file)
  const repository = wish(line, wanted, ring)
  const file = await fileFor(repository, wanted.file, look)
  if (file.kind !== 'text') return file
  const now = file.repositories.find((one) => isSamePlace(one, repository))
  const after = textAfter(file, repository, wanted.clean_file, now)
  const key = ring === undefined ? undefined : await keyToWrite(wanted, ring, look, run)
  return {
    kind: 'plan',
    changes: changesOf(wanted.name, repository, now, after !== undefined, key),
    async apply(act) {
      // The key first: apt refuses a repository whose key ring is not there.
      if (key) await writeKey(key, act)
      if (after !== undefined) await writeRepositoryFile(file, after, act)
    },
  }
}

/** The file that the state names, unless the repository is in another already. */
async function fileFor(
  repository: AptRepository,
  named: string | undefined,
  look: Reader,
): Promise<SourceFile | Failed> {
  const files = await allFiles(look)
  const own = files.find(({ path }) => path === (named ?? mainFile))
  const holds = (file: SourceFile | undefined): boolean =>
    file?.repositories.some((one) => isSamePlace(one, repository)) === true
  if (own && holds(own)) return own
  return files.find(holds) ?? own ?? openFile(named ?? mainFile, look)
}

/** undefined: the file is as wished. */
function textAfter(
  file: SourceFile,
  repository: AptRepository,
  clean: boolean,
  now: AptRepository | undefined,
): string | undefined {
  const twice = file.repositories.filter((one) => isSamePlace(one, repository)).length > 1
  if (now && isSame(now, repository) && !twice && (!clean || file.repositories.length === 1)) return undefined
  const before = clean ? '' : file.text
  return isDeb822(file.path) ? withParagraph(before, repository) : withRepository(before, repository)
}

/** A ring that is there is not fetched again; one of the tree is compared. */
async function keyToWrite(
  wanted: ManagedArguments,
  path: string,
  look: Reader,
  run: StateRun,
): Promise<RepositoryKey | undefined> {
  const info = await look.files.infoFollowed(path)
  const isLocal = wanted.key_text !== undefined || /^(?:salt:\/\/|file:\/\/|\/)/.test(wanted.key_url ?? '')
  if (info && !isLocal) return undefined
  const key = await wantedKey(wanted, path, look, run)
  if (!key || (info?.type === 'file' && Buffer.compare(await look.files.read(path), key.content) === 0))
    return undefined
  return key
}

async function writeKey({ path, content }: RepositoryKey, act: Changer): Promise<void> {
  if (!(await act.look.files.infoFollowed(dirname(path))))
    await act.files.makeDirectory(dirname(path), { mode: 0o755, parents: true })
  await act.files.write(path, content, { mode: 0o644 })
}

function changesOf(
  name: string,
  wanted: AptRepository,
  now: AptRepository | undefined,
  differs: boolean,
  key: RepositoryKey | undefined,
): Record<string, Plain> {
  const changes: Record<string, Plain> = {}
  if (differs && !now) changes.repo = name
  else if (differs && now) changes.line = { old: writeLine(now), new: writeLine(wanted) }
  if (key) changes.key = key.path
  return changes
}

export async function aptAbsent(
  wanted: AbsentArguments,
  look: Reader,
  run: StateRun,
): Promise<RepositoryPlan | Failed> {
  const ppa =
    wanted.ppa === undefined && !wanted.name.startsWith('ppa:')
      ? undefined
      : await ppaWish(wanted.ppa ?? wanted.name, look, run, { key: false })
  if (ppa?.kind === 'failed') return ppa
  const line = parsed(wanted, ppa)
  if ('kind' in line) return line
  const holding = (await allFiles(look)).filter(({ repositories }) =>
    repositories.some((one) => isSamePlace(one, line)),
  )
  const rings = new Set(
    holding.flatMap(({ repositories }) =>
      repositories.filter((one) => isSamePlace(one, line)).map((one) => one.options.get('signed-by') ?? ''),
    ),
  )
  const removeKey = wanted.keyid !== undefined || wanted.keyid_ppa === true
  return {
    kind: 'plan',
    changes: holding.length > 0 ? { repo: wanted.name } : {},
    async apply(act) {
      for (const file of holding) {
        const after = isDeb822(file.path)
          ? withoutParagraph(file.text, line)
          : withoutRepository(file.text, line)
        const isEmpty = after.trim() === '' && file.path !== mainFile
        await writeRepositoryFile(file, isEmpty ? undefined : after, act)
      }
      for (const ring of rings) if (removeKey && ring.startsWith('/')) await act.files.remove(ring)
    },
  }
}
