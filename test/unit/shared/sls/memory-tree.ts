/** A tree made of texts, and settings and catalogs for it: plain data for the tests of the language. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Dict, type Plain, toValue } from '../../../../shared/data/value.ts'
import { describeError } from '../../../../shared/errors/error.ts'
import type { Sha256 } from '../../../../shared/ids.ts'
import { compileStates } from '../../../../shared/sls/compile.ts'
import type {
  Compiled,
  CompileRequest,
  CompileSettings,
  StateCatalog,
} from '../../../../shared/sls/compiled.ts'
import type { LowChunk } from '../../../../shared/sls/low.ts'
import type { Tree } from '../../../../shared/sls/tree.ts'

type Files = Readonly<Record<string, string>>

/** @param environments files by environment; one set of files is base */
export function memoryTree(environments: Readonly<Record<string, Files>>): Tree {
  const known = new Map(
    Object.entries(environments).map(([name, files]) => [name, new Map(Object.entries(files))]),
  )
  return {
    environments: [...known.keys()],
    has: (environment, path) => known.get(environment)?.has(path) ?? false,
    list: (environment) => [...(known.get(environment)?.keys() ?? [])].sort(),
    read: async (environment, path) => {
      const text = known.get(environment)?.get(path)
      if (text === undefined) return undefined
      return { text, sha256: createHash('sha256').update(text).digest('hex') as Sha256 }
    },
  }
}

export function readFolder(folder: string, change: (text: string) => string = (text) => text): Files {
  const files: Record<string, string> = {}
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    files[path.slice(folder.length).replace(/^\//, '')] = change(readFileSync(path, 'utf8'))
  }
  return files
}

export const plainSettings: CompileSettings = {
  stateTop: 'top',
  topMerging: 'merge',
  environmentOrder: [],
  defaultTop: 'base',
  renderer: 'jinja|yaml',
}

export const dict = (plain: Plain): Dict => toValue(plain) as Dict

/** Knows every function, and finds nothing wrong with any argument. */
export const anyState: StateCatalog = {
  functions: () => undefined,
  modules: () => [],
  check: () => [],
  canRefresh: () => true,
}

type Options = Partial<Omit<CompileRequest, 'tree' | 'subject'>> & {
  id?: string
  grains?: Plain
  pillar?: Plain
}

export function compileFiles(
  files: Files | Readonly<Record<string, Files>>,
  options: Options = {},
): Promise<Compiled> {
  const nested = Object.values(files).every((value) => typeof value === 'object')
  const { id = 'vm', grains = {}, pillar = {}, ...rest } = options
  return compileStates({
    tree: memoryTree(nested ? (files as Record<string, Files>) : { base: files as Files }),
    subject: { id, grains: dict(grains), pillar: dict(pillar), opts: dict({}) },
    catalog: anyState,
    settings: plainSettings,
    ...rest,
  })
}

/** `module.fun id` or `module.fun id=name`, as they are sorted. */
export const summary = (chunks: readonly LowChunk[]): string[] =>
  chunks.map(({ state, fun, id, name }) => `${state}.${fun} ${id === name ? id : `${id}=${name}`}`)

export const described = (compiled: Compiled): string[] => compiled.errors.map(describeError)

/** The order in which a runner calls them: requisites are pulled before the state that has them. */
export function runOrder(chunks: readonly LowChunk[]): LowChunk[] {
  const done = new Set<number>()
  const order: LowChunk[] = []
  const before = new Map<number, number[]>()
  for (const [index, { requisites }] of chunks.entries())
    for (const { kind, targets } of requisites)
      if (kind === 'prereq')
        for (const target of targets) before.set(target, [...(before.get(target) ?? []), index])
  for (const index of chunks.keys()) call(index)
  return order

  function call(index: number): void {
    const chunk = chunks[index]
    if (chunk === undefined || done.has(index)) return
    done.add(index)
    for (const other of before.get(index) ?? []) call(other)
    for (const { kind, targets } of chunk.requisites)
      if (kind !== 'listen' && kind !== 'prereq') for (const target of targets) call(target)
    order.push(chunk)
  }
}
