/** One declaration for each option: type, default, documentation. Types, validation and docs/reference come from it. */
import * as v from 'valibot'
import { isDict, isList, type Value } from '../data/value.ts'

export interface Option<Schema extends v.GenericSchema = v.GenericSchema> {
  readonly schema: Schema
  readonly default: v.InferOutput<Schema>
  /** One or two sentences. */
  readonly doc: string
  /** A path: relative ones are below root_dir, and absolute defaults are moved under it. */
  readonly path?: true
  /** Kept as a Value that knows its places: whoever reads it tells of mistakes by line. */
  readonly placed?: true
  /** The master takes it over while it runs, at a reload: whoever uses it reads it anew, or follows the settings. */
  readonly reload?: true
}

export type OptionTable = Readonly<Record<string, Option>>
export type Options<Table extends OptionTable> = {
  readonly [Name in keyof Table]: v.InferOutput<Table[Name]['schema']>
}

export function option<Schema extends v.GenericSchema>(
  schema: Schema,
  fallback: v.InferOutput<Schema>,
  doc: string,
): Option<Schema> {
  return { schema, default: fallback, doc }
}

export function pathOption(fallback: string, doc: string): Option<typeof text> {
  return { schema: text, default: fallback, doc, path: true }
}

/** @returns an option whose value is kept as it was read; what it must be is the matter of who reads it */
export function placedOption(kind: 'list' | 'mapping', doc: string): Option<v.GenericSchema<Value>> {
  const fits = kind === 'list' ? isList : isDict
  const schema = v.custom<Value>((value) => value === null || fits(value), `a ${kind} is expected`)
  return { schema, default: null, doc, placed: true }
}

/** @returns the option, marked as one that the master takes over while it runs */
export const reloaded = <Kind extends Option>(given: Kind): Kind => ({ ...given, reload: true })

export const text = v.string()
export const flag = v.boolean()
export const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
export const port = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(65_535))
export const logLevel = v.picklist(['trace', 'debug', 'info', 'warning', 'error', 'critical', 'quiet'])
/** `base: [/srv/salt, …]` */
export const roots = v.record(v.string(), v.array(v.string()))
export const mapping = v.record(v.string(), v.unknown())
