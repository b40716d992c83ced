/** `decrypt_pillar`: parts of a merged pillar whose values are opened at the end. */
import { copyMarks } from '../data/provenance.ts'
import { type Dict, isDict, isList, type Key, traverse, type Value } from '../data/value.ts'
import { isTsaltError, TsaltError } from '../errors/error.ts'
import type { Cipher, Ciphers } from '../render/ciphers.ts'
import { Opening } from '../render/encrypted.ts'

export interface DecryptSettings {
  /** As it stands in the configuration: a list of paths, or of `PATH: RENDERER`. */
  readonly paths: Value
  readonly delimiter: string
  /** Of paths that name no renderer. */
  readonly standard: string
  /** Those that may be named. */
  readonly allowed: readonly string[]
}

/** Changes `pillar` at the top; what is below is copied before it changes. */
export async function decryptPillar(
  pillar: Dict,
  settings: DecryptSettings,
  ciphers: Ciphers | undefined,
  errors: TsaltError[],
): Promise<void> {
  for (const { path, renderer } of readPaths(settings, errors)) {
    try {
      const cipher = cipherOf(renderer, settings.allowed)
      await openBelow(pillar, path.split(settings.delimiter), new Opening(cipher, ciphers))
    } catch (error) {
      if (!isTsaltError(error)) throw error
      errors.push(error)
    }
  }
}

interface Wanted {
  readonly path: string
  readonly renderer: string
}

function readPaths({ paths, standard }: DecryptSettings, errors: TsaltError[]): Wanted[] {
  const list = isDict(paths) ? [paths] : paths
  if (!isList(list)) {
    errors.push(new TsaltError('pillar-decrypt-invalid', { reason: 'it is not a list' }))
    return []
  }
  return list.flatMap((entry): Wanted[] => {
    if (isDict(entry))
      return [...entry].map(([path, renderer]) => ({
        path: String(path),
        renderer: String(renderer ?? standard),
      }))
    if (typeof entry === 'string') return [{ path: entry, renderer: standard }]
    errors.push(new TsaltError('pillar-decrypt-invalid', { reason: 'an entry is not a path' }))
    return []
  })
}

function cipherOf(renderer: string, allowed: readonly string[]): Cipher {
  const invalid = (reason: string): TsaltError => new TsaltError('pillar-decrypt-invalid', { reason })
  if (renderer !== 'gpg' && renderer !== 'age')
    throw invalid(`"${renderer}" opens nothing, there are gpg and age`)
  if (!allowed.includes(renderer))
    throw invalid(`"${renderer}" is not one of decrypt_pillar_renderers (${allowed.join(', ')})`)
  return renderer
}

/** A path that leads nowhere is left alone: not every minion has every key. */
async function openBelow(pillar: Dict, path: readonly string[], opening: Opening): Promise<void> {
  if (traverse(pillar, path.join('\0'), '\0') === undefined) return
  let container: Dict | Value[] = pillar
  for (const [index, step] of path.entries()) {
    const key: Key | undefined = keyOf(container, step)
    const below: Value | undefined = key === undefined ? undefined : get(container, key)
    if (key === undefined || below === undefined) return
    const last = index === path.length - 1
    if (!isDict(below) && !isList(below)) {
      if (last) await opening.item(container, key as Key & number, below)
      return
    }
    const copy: Dict | Value[] = last ? copyDeep(below) : copyOne(below)
    set(container, key, copy)
    if (last) await opening.data(copy)
    container = copy
  }
}

function keyOf(container: Dict | Value[], step: string): Key | undefined {
  if (isDict(container))
    return container.has(step) ? step : container.has(Number(step)) ? Number(step) : undefined
  const index = Number(step)
  return Number.isInteger(index) ? (index < 0 ? container.length + index : index) : undefined
}

const get = (container: Dict | Value[], key: Key): Value | undefined =>
  isDict(container) ? container.get(key) : container[key as number]

function set(container: Dict | Value[], key: Key, value: Value): void {
  if (isDict(container)) container.set(key, value)
  else container[key as number] = value
}

function copyOne<Container extends Dict | Value[]>(container: Container): Container {
  const copy = (isDict(container) ? new Map(container) : [...(container as Value[])]) as Container
  copyMarks(container, copy)
  return copy
}

function copyDeep<Container extends Dict | Value[]>(container: Container): Container {
  const copy = copyOne(container)
  for (const [key, value] of copy.entries() as IterableIterator<[Key, Value]>)
    if (isDict(value) || isList(value)) set(copy, key, copyDeep(value))
  return copy
}
