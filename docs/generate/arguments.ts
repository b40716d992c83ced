/** What a schema of arguments says of each argument, for the reference pages and the JSON Schemas. */
import { toJsonSchema } from '@valibot/to-json-schema'
import * as v from 'valibot'
import { shapeOf } from '../../shared/schema/shaped.ts'

export interface ArgumentFacts {
  readonly name: string
  /** `text`, `list of text`. */
  readonly type: string
  readonly needed: boolean
  /** As it would be written; undefined: none. */
  readonly fallback: unknown
  readonly description: string
  readonly json: Readonly<Record<string, unknown>>
}

export function argumentsOf(schema: { readonly entries: v.ObjectEntries }): ArgumentFacts[] {
  return Object.entries(schema.entries).map(([name, entry]) => factsOf(name, entry as v.GenericSchema))
}

/** The schema inside `optional`, which carries the shape and, where `argument.ts` made it, the description. */
function unwrap(schema: v.GenericSchema): v.GenericSchema {
  return 'wrapped' in schema ? unwrap(schema.wrapped as v.GenericSchema) : schema
}

function factsOf(name: string, schema: v.GenericSchema): ArgumentFacts {
  const inner = unwrap(schema)
  const isOptional = inner !== schema
  const fallback = 'default' in schema ? schema.default : undefined
  return {
    name,
    type: typeWords(inner),
    needed: !isOptional,
    fallback,
    description: v.getDescription(schema) ?? v.getDescription(inner) ?? '',
    json: jsonOf(inner),
  }
}

export function jsonOf(schema: v.GenericSchema): Readonly<Record<string, unknown>> {
  const shape = shapeOf(schema)
  if (shape) return shape.json
  const { $schema: _, ...json } = toJsonSchema(schema, { typeMode: 'input', errorMode: 'ignore' })
  return json as Readonly<Record<string, unknown>>
}

const plainWords: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: 'True or False',
  number: 'number',
  any: 'anything',
  unknown: 'anything',
}

export function typeWords(schema: v.GenericSchema): string {
  const shape = shapeOf(schema)
  if (shape) return shape.words
  if (schema.type === 'picklist' && 'options' in schema)
    return (schema.options as unknown[]).map((option) => `\`${String(option)}\``).join(', ')
  if (schema.type === 'array' && 'item' in schema)
    return `list of ${typeWords(schema.item as v.GenericSchema)}`
  if (schema.type === 'record' && 'value' in schema)
    return `mapping of names to ${typeWords(schema.value as v.GenericSchema)}`
  if (schema.type === 'union' && 'options' in schema)
    return (schema.options as v.GenericSchema[]).map(typeWords).join(' or ')
  return plainWords[schema.type] ?? schema.type
}

/** A value as it would be written in YAML, in a table cell. */
export function writeValue(value: unknown): string {
  if (value === undefined) return ''
  if (value === true) return '`True`'
  if (value === false) return '`False`'
  if (value === '') return '(empty)'
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``
}

/** Text in a cell of a table. */
export const cell = (text: string): string => text.replace(/\|/g, '\\|').replace(/\n/g, ' ')
