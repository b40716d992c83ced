/** `sources` of pkg.installed: packages from files, from the tree or from the minion. */
import { join } from 'node:path'
import { isDict, isList, type Plain } from '../../../shared/data/value.ts'
import { readText } from '../../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../../shared/schema/shaped.ts'
import type { Changer } from '../../system/changer.ts'
import type { Reader } from '../../system/reader.ts'
import { type Applied, type Decision, drift, failed, inSync, type StateRun } from '../contract.ts'
import { fetchSource } from '../file/fetch-source.ts'
import { findInstalled } from './wanted.ts'

export interface PackageFile {
  readonly name: string
  readonly source: string
}

export const packageFileEntry = shaped<PackageFile[]>({
  words: 'list of {name: source}',
  json: { type: 'array', items: { type: 'object', additionalProperties: { type: 'string' } } },
  read(value) {
    const files: PackageFile[] = []
    for (const item of isList(value) ? value : [value]) {
      if (!isDict(item)) return new Mismatch(`{name: source} is expected, not ${describeValue(item)}`)
      for (const [key, content] of item) {
        const source = readText(content)
        if (source === undefined || !/^(?:\w+:\/\/|\/)/.test(source))
          return new Mismatch(
            `the source of ${String(key)} is salt://PATH or a path on the minion, not ${describeValue(content)}`,
          )
        files.push({ name: String(key), source })
      }
    }
    return files
  },
})

export async function checkPackageFiles(
  files: readonly PackageFile[],
  look: Reader,
  run: StateRun,
): Promise<Decision> {
  const missing: PackageFile[] = []
  const changes: Record<string, Plain> = {}
  for (const file of files) {
    const installed = await findInstalled(file.name, look)
    const version = await versionOf(file, look, run)
    if (installed && (version === undefined || version === installed.version)) continue
    missing.push(file)
    changes[file.name] = { old: installed?.version ?? '', new: version ?? 'installed' }
  }
  if (missing.length === 0) return inSync('All specified packages are already installed')
  const remote = missing.filter(({ source }) => !isNear(source))
  if (remote.length > 0)
    return failed(
      `${remote.map(({ source }) => source).join(', ')}: this version downloads nothing; put the file into the tree and use salt://`,
    )
  const lost: string[] = []
  for (const { source } of missing)
    if (!(await look.sources.exists(source, run.environment)) && !run.test) lost.push(source)
  if (lost.length > 0) return failed(`Package file ${lost.join(', ')} not found`)
  const names = missing.map(({ name }) => name).join(', ')
  return drift(
    changes,
    {
      would: `The following packages would be installed/updated: ${names}`,
      done: `The following packages were installed/updated: ${names}`,
    },
    (act) => installFiles(missing, run, act),
  )
}

/** undefined: the file is not to be had (yet), or the package manager cannot tell. */
async function versionOf({ source }: PackageFile, look: Reader, run: StateRun): Promise<string | undefined> {
  if (!look.packages.versionInFile || !isNear(source)) return undefined
  if (!(await look.sources.exists(source, run.environment))) return undefined
  const { content } = await look.sources.fetch(source, run.environment)
  return look.packages.versionInFile(content)
}

const isNear = (source: string): boolean => /^(?:salt:\/\/|\/)/.test(source)

async function installFiles(
  files: readonly PackageFile[],
  run: StateRun,
  act: Changer,
): Promise<Applied | undefined> {
  const folder = join(run.cachedir ?? '/var/cache/tsalt/minion', 'packages')
  const paths: string[] = []
  const temporary: string[] = []
  for (const { source } of files) {
    if (source.startsWith('/')) paths.push(source)
    else temporary.push(await fetchFile(source, folder, run, act))
  }
  try {
    await act.packages.installFiles([...paths, ...temporary])
  } finally {
    for (const path of temporary) await act.files.remove(path)
  }
  const absent: string[] = []
  for (const { name } of files) if (!(await findInstalled(name, act.look))) absent.push(name)
  if (absent.length === 0) return undefined
  return {
    ok: false,
    comment: `The files were installed, but there is no package ${absent.join(', ')} among them`,
  }
}

async function fetchFile(source: string, folder: string, run: StateRun, act: Changer): Promise<string> {
  const { content, sha256 } = await fetchSource(source, act.look, run)
  const ending = /\.\w+$/.exec(source)?.[0] ?? ''
  const path = join(folder, `${sha256}${ending}`)
  if (!(await act.look.files.infoFollowed(folder)))
    await act.files.makeDirectory(folder, { mode: 0o755, parents: true })
  await act.files.write(path, content, { mode: 0o644 })
  return path
}
