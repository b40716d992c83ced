/**
 * A schema that reads a value the way Salt does and says in plain words what it wanted. Its JSON Schema is
 * declared beside it, for editors and the reference pages.
 */
import * as v from 'valibot'
import { isDict, isList, PyFloat } from '../data/value.ts'

export type JsonShape = Readonly<Record<string, unknown>>

/** Why a value does not fit: `text is expected, not a list`. */
export class Mismatch {
  readonly reason: string
  constructor(reason: string) {
    this.reason = reason
  }
}

export interface Shape<Output> {
  /** For the reference: `text`, `list of text`. */
  readonly words: string
  /** What an editor may accept in YAML. */
  readonly json: JsonShape
  read(value: unknown): Output | Mismatch
}

/** Kept in the schema's metadata, where the generators find it. */
export interface ShapeMetadata {
  readonly words: string
  readonly json: JsonShape
}

type Read = (value: unknown) => unknown

const readers = new WeakMap<object, Read>()

/**
 * Reads a given value as the schema does, without what valibot makes around it: thousands of arguments are read.
 * It answers a Mismatch where the value does not fit. undefined: only valibot can read this schema.
 */
export function readerOf(schema: v.GenericSchema): Read | undefined {
  const inner = 'wrapped' in schema && optionals.has(schema.type) ? (schema.wrapped as object) : schema
  const own = readers.get(inner)
  if (own !== undefined || !('pipe' in inner)) return own
  const [first, ...rest] = inner.pipe as readonly { readonly kind: string }[]
  // What only describes changes nothing of what is read.
  return first !== undefined && rest.every(({ kind }) => kind === 'metadata') ? readers.get(first) : undefined
}

const optionals: ReadonlySet<string> = new Set(['optional', 'exact_optional'])

export function shaped<Output>(shape: Shape<Output>): v.GenericSchema<unknown, Output> {
  const metadata: ShapeMetadata = { words: shape.words, json: shape.json }
  const schema = v.pipe(
    v.unknown(),
    v.rawTransform<unknown, Output>(({ dataset, addIssue, NEVER }) => {
      const read = shape.read(dataset.value)
      if (!(read instanceof Mismatch)) return read
      addIssue({ message: read.reason })
      return NEVER
    }),
    v.metadata({ shape: metadata }),
  )
  readers.set(schema, (value) => shape.read(value))
  return schema
}

/** The words and JSON Schema of a schema made by `shaped`; undefined for others. */
export function shapeOf(schema: v.GenericSchema): ShapeMetadata | undefined {
  const shape = v.getMetadata(schema).shape
  return shape === undefined ? undefined : (shape as ShapeMetadata)
}

/** What a value is, in the words of YAML: `a list`, `the number 5`, `True`. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (isList(value)) return 'a list'
  if (isDict(value)) return 'a mapping'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (value instanceof PyFloat) return `the number ${value.value.toFixed(1)}`
  if (typeof value === 'number' || typeof value === 'bigint') return `the number ${value}`
  if (typeof value === 'object') return 'a mapping'
  const text = String(value)
  return `"${text.length > 40 ? `${text.slice(0, 40)}…` : text}"`
}
