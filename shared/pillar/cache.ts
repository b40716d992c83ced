/** Renderings of pillar files kept by what they read, and merges kept by what they merged. Bounded, oldest out first. */
import { encodeValue, type Json } from '../data/codec.ts'
import { type Dict, isDict, type Value } from '../data/value.ts'
import type { TsaltError } from '../errors/error.ts'
import { findKey, type Reads } from '../render/reads.ts'
import type { PillarInclude } from './include.ts'

/** Of the variables of a rendering, the answers to all that another rendering of the same file read. */
export type Variables = Readonly<Record<string, Value>>

/** A pillar file as it rendered, its includes taken out. */
export interface RenderedFile {
  readonly data: Dict
  readonly includes: readonly PillarInclude[]
  readonly errors: readonly TsaltError[]
  /** Partials that it used; a change of one makes the rendering worthless. `undefined`: looked for, and not there. */
  readonly partials: readonly { readonly path: string; readonly sha256: string | undefined }[]
  /** Names of the grains that it read; `*` stands for all of them. */
  readonly grains: readonly string[]
  /** Paths of the secrets in `data`. */
  readonly secrets: readonly string[]
}

export interface MergedPillar {
  readonly pillar: Dict
  readonly secrets: readonly string[]
}

/** A rendering with a number that stands for it in the keys of merges. */
export interface Kept {
  readonly number: number
  readonly file: RenderedFile
}

interface FileVariants {
  /** What renderings of this file have been seen to read; nearly always one shape. */
  readonly shapes: Map<string, Shape>
  readonly bySignature: Map<string, Kept>
}

/** A file has at most this many shapes and renderings kept; beyond it starts afresh. */
const mostVariants = 256

export class RenderingCache {
  private readonly files = new Map<string, FileVariants>()
  private readonly merges = new Map<string, MergedPillar>()
  private readonly limit: number
  private nextNumber = 1
  hits = 0
  misses = 0

  /** @param limit most files, and most merges, that are kept */
  constructor(limit: number) {
    this.limit = Math.max(1, limit)
  }

  /** @param file names its content and all that it depends on beside variables */
  find(file: string, variables: Variables): Kept | undefined {
    const known = this.files.get(file)
    for (const [name, shape] of known?.shapes ?? []) {
      const found = known?.bySignature.get(signature(name, shape, variables))
      if (found === undefined) continue
      this.hits++
      this.files.delete(file)
      if (known) this.files.set(file, known)
      return found
    }
    this.misses++
    return undefined
  }

  keep(file: string, reads: Reads, variables: Variables, rendered: RenderedFile): Kept {
    const entry = { number: this.nextNumber++, file: rendered }
    // What a machine answered may be another answer the next time.
    if (reads.machine) return entry
    let known = this.files.get(file)
    if (known === undefined || known.bySignature.size >= mostVariants) {
      known = { shapes: new Map(), bySignature: new Map() }
      this.files.delete(file)
      this.files.set(file, known)
    }
    const shape = shapeOf(reads, variables)
    const name = JSON.stringify(shape)
    known.shapes.set(name, shape)
    known.bySignature.set(signature(name, shape, variables), entry)
    while (this.files.size > this.limit) this.files.delete(this.files.keys().next().value ?? '')
    return entry
  }

  /** What `make` makes of things whose numbers are in the key, made once. */
  merge(key: string, make: () => MergedPillar): MergedPillar {
    const known = this.merges.get(key)
    const result = known ?? make()
    this.merges.delete(key)
    this.merges.set(key, result)
    if (this.merges.size > this.limit) this.merges.delete(this.merges.keys().next().value ?? '')
    return result
  }
}

type Shape = readonly (readonly [variable: string, keys: readonly string[] | 'all'])[]

/** Only variables that differ between minions count; names of the file itself are in its key. */
function shapeOf(reads: Reads, variables: Variables): Shape {
  return [...reads.variables]
    .filter(([variable]) => Object.hasOwn(variables, variable))
    .map(([variable, keys]): Shape[number] => [variable, keys === 'all' ? 'all' : [...keys].sort(byText)])
    .sort(([a], [b]) => byText(a, b))
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function signature(name: string, shape: Shape, variables: Variables): string {
  let text = name
  for (const [variable, keys] of shape) {
    const value = variables[variable] ?? null
    if (keys === 'all' || !isDict(value)) text += `\n${encode(value)}`
    else for (const name of keys) text += `\n${encodeKey(value, name)}`
  }
  return text
}

/** `-` stands for a key that is not there; no JSON is just that. */
function encodeKey(dict: Dict, name: string): string {
  const key = findKey(dict, name)
  return key === undefined ? '-' : encode(dict.get(key) ?? null)
}

function encode(value: Value): string {
  if (typeof value === 'string') return JSON.stringify(value)
  const json: Json = encodeValue(value)
  return JSON.stringify(json)
}
