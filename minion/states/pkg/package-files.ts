/** `sources` of pkg.installed: packages from files, of the tree, of the minion or of the network. */
import { basename, dirname, join } from 'node:path'
import { isDict, isList, type Plain } from '../../../shared/data/value.ts'
import { readText } from '../../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../../shared/schema/shaped.ts'
import type { Changer } from '../../system/changer.ts'
import type { Reader } from '../../system/reader.ts'
import { type Applied, type Decision, drift, failed, inSync, type StateRun } from '../contract.ts'
import { fetchSource, isRemote } from '../file/fetch-source.ts'
import { given } from '../given.ts'
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
            `the source of ${String(key)} is salt://PATH, a path on the minion or https://…, not ${describeValue(content)}`,
          )
        files.push({ name: String(key), source })
      }
    }
    return files
  },
})

export interface FileOptions {
  readonly reinstall: boolean
  readonly skip_verify: boolean
}

export async function checkPackageFiles(
  files: readonly PackageFile[],
  options: FileOptions,
  look: Reader,
  run: StateRun,
): Promise<Decision> {
  const missing: PackageFile[] = []
  const changes: Record<string, Plain> = {}
  for (const file of files) {
    const installed = await findInstalled(file.name, look)
    // What is there already is not asked of the network again.
    if (installed && isRemote(file.source) && !options.reinstall) continue
    const version = await versionOf(file, look, run)
    const isThere = installed && (version === undefined || version === installed.version)
    if (isThere && !options.reinstall) continue
    missing.push(file)
    changes[file.name] = { old: installed?.version ?? '', new: version ?? 'installed' }
  }
  if (missing.length === 0) return inSync('All specified packages are already installed')
  const lost: string[] = []
  for (const { source } of missing) if (await isLost(source, look, run)) lost.push(source)
  if (lost.length > 0 && !run.test) return failed(`Package file ${lost.join(', ')} not found`)
  const names = missing.map(({ name }) => name).join(', ')
  return drift(
    changes,
    {
      would: `The following packages would be installed/updated: ${names}`,
      done: `The following packages were installed/updated: ${names}`,
    },
    (act) => installFiles(missing, options, run, act),
  )
}

const isLost = async (source: string, look: Reader, run: StateRun): Promise<boolean> =>
  !isRemote(source) && !(await look.sources.exists(localSource(source), run.environment))

const localSource = (source: string): string => source.replace(/^file:\/\//, '')

/** undefined: the file is not to be had (yet), or the package manager cannot tell. */
async function versionOf({ source }: PackageFile, look: Reader, run: StateRun): Promise<string | undefined> {
  if (!look.packages.versionInFile || (await isLost(source, look, run))) return undefined
  const { content } = await fetchSource(source, look, run)
  return look.packages.versionInFile(content)
}

async function installFiles(
  files: readonly PackageFile[],
  options: FileOptions,
  run: StateRun,
  act: Changer,
): Promise<Applied | undefined> {
  const folder = join(run.cachedir ?? '/var/cache/tsalt/minion', 'packages')
  const paths: string[] = []
  const temporary: string[] = []
  for (const { source } of files) {
    const local = localSource(source)
    if (local.startsWith('/')) paths.push(local)
    else temporary.push(await fetchFile(source, folder, run, act))
  }
  try {
    await act.packages.installFiles(
      [...paths, ...temporary],
      given({ reinstall: options.reinstall || undefined, skipVerify: options.skip_verify || undefined }),
    )
  } finally {
    for (const path of temporary) await act.files.remove(dirname(path))
  }
  const absent: string[] = []
  for (const { name } of files) if (!(await findInstalled(name, act.look))) absent.push(name)
  if (absent.length === 0) return undefined
  return {
    ok: false,
    comment: `The files were installed, but there is no package ${absent.join(', ')} among them`,
  }
}

/** @returns where it is now: in a folder of its own, under its own name, which package managers show */
async function fetchFile(source: string, folder: string, run: StateRun, act: Changer): Promise<string> {
  const { content, sha256 } = await fetchSource(source, act.look, run)
  const name = basename(source.replace(/[?#].*$/, '')).replace(/[^A-Za-z0-9._+~-]/g, '_')
  const path = join(folder, sha256.slice(0, 16), name)
  if (!(await act.look.files.infoFollowed(dirname(path))))
    await act.files.makeDirectory(dirname(path), { mode: 0o755, parents: true })
  await act.files.write(path, content, { mode: 0o644 })
  return path
}
