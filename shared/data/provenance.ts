/**
 * Where every value came from. Scalars have no identity, so marks hang on the container (Dict or list) and are
 * found by key or index. Copying a container loses only positions.
 */
import type { Place } from './place.ts'
import type { Key, Value } from './value.ts'

export interface Marks {
  /** Place of a mapping's key; for a list the place of the item. */
  keyAt(key: Key | number): Place | undefined
  /** Place of the value under a key or index. */
  valueAt(key: Key | number): Place | undefined
  /** Places whose values lost a merge to the one at `valueAt`, latest first. */
  lostAt?(key: Key | number): readonly Place[]
  /** The value was written with `!secret`. */
  secretAt?(key: Key | number): boolean
}

/** Answers with what it was given, so that the class below puts its private member onto an object that exists. */
function itself(container: object): object {
  return container
}
const Itself = itself as unknown as new (container: object) => object

/** Marks as a private member of the container: a WeakMap of a hundred thousand costs the collector too much. */
class Marked extends Itself {
  #marks: Marks
  private constructor(container: object, of: Marks) {
    super(container)
    this.#marks = of
  }
  static set(container: object, of: Marks): void {
    if (#marks in container) container.#marks = of
    else new Marked(container, of)
  }
  static get(container: object): Marks | undefined {
    return #marks in container ? container.#marks : undefined
  }
}

export function setMarks(container: Value[] | Map<Key, Value>, of: Marks): void {
  Marked.set(container, of)
}

export function marksOf(container: unknown): Marks | undefined {
  return typeof container === 'object' && container !== null ? Marked.get(container) : undefined
}

export function placeOfKey(container: unknown, key: Key | number): Place | undefined {
  return marksOf(container)?.keyAt(key)
}

export function placeOfValue(container: unknown, key: Key | number): Place | undefined {
  return marksOf(container)?.valueAt(key)
}

/** True for a value written with `!secret`; everything inside it is as secret. */
export function isMarkedSecret(container: unknown, key: Key | number): boolean {
  return marksOf(container)?.secretAt?.(key) ?? false
}

/** Marks the value under a key as one that must not be shown, whatever else is known of it. */
export function markSecret(container: Value[] | Map<Key, Value>, key: Key | number): void {
  const marks = marksOf(container)
  if (marks instanceof MoreSecrets) marks.secrets.add(key)
  else setMarks(container, new MoreSecrets(marks, key))
}

/** Gives a copy of a container the marks of the original, in a way that marking one more secret leaves that alone. */
export function copyMarks(from: Value[] | Map<Key, Value>, to: Value[] | Map<Key, Value>): void {
  const marks = marksOf(from)
  if (marks !== undefined) setMarks(to, marks instanceof MoreSecrets ? new MoreSecrets(marks) : marks)
}

class MoreSecrets implements Marks {
  readonly secrets: Set<Key | number>
  private readonly marks: Marks | undefined

  constructor(marks: Marks | undefined, ...secrets: (Key | number)[]) {
    this.marks = marks
    this.secrets = new Set(secrets)
  }

  keyAt(key: Key | number): Place | undefined {
    return this.marks?.keyAt(key)
  }

  valueAt(key: Key | number): Place | undefined {
    return this.marks?.valueAt(key)
  }

  lostAt(key: Key | number): readonly Place[] {
    return this.marks?.lostAt?.(key) ?? []
  }

  secretAt(key: Key | number): boolean {
    return this.secrets.has(key) || (this.marks?.secretAt?.(key) ?? false)
  }
}
