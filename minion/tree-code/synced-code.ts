/**
 * Code of the tree on this machine: a copy of what the job's manifest names, beside what each module says of itself.
 * Nothing runs that has another content than the manifest has a hash of.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { TsaltError } from '../../shared/errors/error.ts'
import { type CodeKind, moduleOf } from '../../shared/tree-code/code-paths.ts'
import type { CodeFile, TreeFiles } from '../files/tree-files.ts'
import { writeFileAtomicSync } from '../system/atomic-file.ts'
import { CodeWorker } from './code-worker.ts'
import { type ModuleDescription, readDescription } from './description.ts'

export type Descriptions = Readonly<Record<CodeKind, Readonly<Record<string, ModuleDescription>>>>

export const descriptionsFile = (folder: string): string => join(folder, 'modules.json')
const describeLimit = 20_000

/** @param folder gets the modules; @returns names of what came, changed or went: `states.disk` */
export async function syncCode(files: TreeFiles, folder: string): Promise<string[]> {
  const wanted = await files.code()
  // Most trees bring none.
  if (wanted.length === 0 && !existsSync(folder)) return []
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const changed = new Set([...(await bring(wanted, folder)), ...drop(wanted, folder)])
  if (changed.size === 0 && existsSync(descriptionsFile(folder)) && isCurrent(folder)) return []
  writeRuntime(folder)
  const modules = wanted.map(({ path }) => path).filter((path) => moduleOf(path) !== undefined)
  const descriptions = await describeAll(modules, folder)
  save(descriptionsFile(folder), JSON.stringify(descriptions))
  return [...changed].map(nameOf).sort()
}

async function bring(wanted: readonly CodeFile[], folder: string): Promise<string[]> {
  const changed: string[] = []
  for (const { path, sha256, content } of wanted) {
    const file = join(folder, path)
    if (hashOfFile(file) === sha256) continue
    const bytes = await content()
    if (hashOf(bytes) !== sha256) throw new TsaltError('tree-content-wrong', { what: `salt://${path}` })
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    save(file, bytes)
    changed.push(path)
  }
  return changed
}

function drop(wanted: readonly CodeFile[], folder: string): string[] {
  const keep = new Set(wanted.map(({ path }) => path))
  const gone: string[] = []
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = relative(folder, join(entry.parentPath, entry.name))
    if (entry.isDirectory() || !path.startsWith('_') || keep.has(path)) continue
    rmSync(join(folder, path), { force: true })
    gone.push(path)
  }
  return gone
}

/** So that `import … from 'tsalt'` finds something. */
function writeRuntime(folder: string): void {
  const own = join(folder, 'node_modules', 'tsalt')
  mkdirSync(own, { recursive: true, mode: 0o700 })
  save(join(folder, 'package.json'), '{"type":"module"}\n')
  save(join(own, 'package.json'), '{"name":"tsalt","type":"module","exports":"./index.js"}\n')
  save(join(own, 'index.js'), runtime())
}

const runtime = (): Uint8Array => readFileSync(new URL('./tree-code-package.mjs', import.meta.url))

/** False after an upgrade of tsalt. */
const isCurrent = (folder: string): boolean =>
  hashOfFile(join(folder, 'node_modules', 'tsalt', 'index.js')) === hashOf(runtime())

async function describeAll(paths: readonly string[], folder: string): Promise<Descriptions> {
  const found: Record<CodeKind, Record<string, ModuleDescription>> = { modules: {}, states: {} }
  let worker = new CodeWorker(describeLimit)
  try {
    for (const path of paths) {
      const known = moduleOf(path)
      if (!known) continue
      // A module that ends its thread must not take the others with it.
      if (worker.isGone) worker = new CodeWorker(describeLimit)
      found[known.kind][known.name] = await describe(worker, known.kind, path, folder)
    }
  } finally {
    await worker.close()
  }
  return found
}

async function describe(
  worker: CodeWorker,
  kind: CodeKind,
  path: string,
  folder: string,
): Promise<ModuleDescription> {
  const file = `salt://${path}`
  try {
    const { value } = await worker.ask({ file }, { kind: 'describe', file: moduleUrl(folder, path) })
    return readDescription(kind, value)
  } catch (error) {
    const { reason } = error instanceof TsaltError ? error.parameters : { reason: String(error) }
    return { error: String(reason) }
  }
}

export const moduleUrl = (folder: string, path: string): string =>
  new URL(`file://${join(folder, path)}`).href

/** `_states/disk.js` → `states.disk`; what modules share by its path. */
function nameOf(path: string): string {
  const known = moduleOf(path)
  return known ? `${known.kind}.${known.name}` : path
}

function save(file: string, content: string | Uint8Array): void {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  writeFileAtomicSync(file, bytes, { mode: 0o600, durable: false, walk: false })
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

function hashOfFile(path: string): string | undefined {
  try {
    return hashOf(readFileSync(path))
  } catch {
    return undefined
  }
}
