/**
 * Programs of the tree that run as this minion: the files of `_grains/`, `_modules/`, `_states/` and `_beacons/` of the base
 * environment, copied to folders of its own. Salt's Python files of such folders cannot run; they are named.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { runnablePath } from '../../shared/tree-code/code-paths.ts'
import type { TreeFiles } from '../files/tree-files.ts'
import { writeFileAtomicSync } from '../system/atomic-file.ts'
import { syncCode } from '../tree-code/synced-code.ts'

export const programKinds = ['grains', 'modules', 'states', 'beacons'] as const
export type ProgramKind = (typeof programKinds)[number]

export interface PythonFile {
  /** `salt://_modules/name.py` */
  readonly file: string
  /** `modules`, `renderers`, … */
  readonly kind: string
  readonly name: string
  /** A program of the same name stands in for it. */
  readonly standIn: boolean
}

export interface Synced {
  /** What came, changed or went: `grains.name`, `modules.name`. Empty where all is as it was. */
  readonly changed: readonly string[]
  readonly python: readonly PythonFile[]
}

const environment = 'base'

/** Modules in TypeScript or JavaScript, beside the programs. */
export const codeFolderOf = (folder: string): string => join(folder, 'code')

/** @param folder gets a folder for each kind */
export async function syncPrograms(files: TreeFiles, folder: string, log: Logger): Promise<Synced> {
  if (!files.environments.includes(environment)) return { changed: [], python: [] }
  const changed: string[] = []
  for (const kind of programKinds) changed.push(...(await syncKind(files, kind, join(folder, kind), log)))
  changed.push(...(await syncCode(files, codeFolderOf(folder))))
  return { changed, python: pythonFiles(files.list(environment)) }
}

async function syncKind(files: TreeFiles, kind: ProgramKind, folder: string, log: Logger): Promise<string[]> {
  const source = `_${kind}`
  const found = (await files.under(environment, source)).filter(({ path }) => !path.includes('/'))
  const wanted = found.filter(({ path }) => kind === 'grains' || /^[A-Za-z_]\w*$/.test(path))
  const keep = new Set(wanted.map(({ path }) => path))
  const changed: string[] = []
  // Most trees bring none, and who calls without rights to the folder can do without it then.
  if (wanted.length === 0 && !existsSync(folder)) return []
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  for (const { path, sha256 } of wanted) {
    if (hashOfFile(join(folder, path)) === sha256) continue
    const file = await files.fetch(environment, `${source}/${path}`)
    if (!file || !isProgram(file.content)) {
      // What it was before must not go on answering under its name.
      keep.delete(path)
      if (!path.endsWith('.py') && runnablePath(`${source}/${path}`) === undefined)
        log.error(
          { file: `salt://${source}/${path}` },
          'not a program: its first line must be #!, as in "#!/bin/sh"',
        )
      continue
    }
    writeFileAtomicSync(join(folder, path), file.content, { mode: 0o700, durable: false, walk: false })
    changed.push(`${kind}.${path}`)
  }
  for (const name of readdirSync(folder)) {
    if (keep.has(name)) continue
    rmSync(join(folder, name), { force: true, recursive: true })
    changed.push(`${kind}.${name}`)
  }
  return changed
}

/** Folders that Salt syncs to its minions. */
const python =
  /^_(grains|modules|states|renderers|returners|outputters|utils|proxy|beacons|engines|serializers|matchers|executors|sdb|log_handlers|thorium)\/(?:[\w/]*\/)?(\w+)\.pyx?$/

/** Where a program of the same name is called in the stead of Python. */
const callable = new Set<string>(programKinds)
/** Those that modules in TypeScript or JavaScript can be, too. */
const withModules = new Set<string>(['modules', 'states'])

function pythonFiles(paths: readonly string[]): PythonFile[] {
  const known = new Set(paths)
  return paths.flatMap((path) => {
    if (!path.startsWith('_')) return []
    const [, kind = '', name = ''] = python.exec(path) ?? []
    if (name === '' || name === '__init__') return []
    const endings = withModules.has(kind) ? ['', '.ts', '.mts', '.js', '.mjs'] : ['']
    const names = endings.map((ending) => `_${kind}/${name}${ending}`)
    const standIn = callable.has(kind) && names.some((one) => known.has(one))
    return { file: `salt://${path}`, kind, name, standIn }
  })
}

/** What is said of a Python file that does nothing here. */
export function pythonRefusal({ file, kind, name }: PythonFile): string {
  const program = `put a program "_${kind}/${name}" beside it`
  const instead = withModules.has(kind)
    ? `${program}, or a module "_${kind}/${name}.ts" (docs/guide/custom-modules.md)`
    : callable.has(kind)
      ? `${program} (docs/guide/custom-modules.md)`
      : 'nothing stands in for files of this folder'
  return `${file} is Python, which tsalt does not run: ${instead}.`
}

function hashOfFile(path: string): string | undefined {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex')
  } catch {
    return undefined
  }
}

/** A script with its interpreter, or an ELF file. */
function isProgram(content: Uint8Array): boolean {
  const start = Buffer.from(content.subarray(0, 4)).toString('latin1')
  return start.startsWith('#!') || start === '\x7fELF'
}
