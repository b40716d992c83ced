/** The schema of arguments that a module of the tree declares. */
import * as v from 'valibot'
import { toValue } from '../../shared/data/value.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { anything, environment, mapping, textList } from '../../shared/schema/collections.ts'
import { absolutePath, mode } from '../../shared/schema/paths.ts'
import { account, choice, flag, nonEmptyText, seconds, text, whole } from '../../shared/schema/scalars.ts'
import type { Argument } from './description.ts'

type Schema = v.GenericSchema<unknown, unknown>

const types: Readonly<Record<Exclude<Argument['type'], 'choice'>, Schema>> = {
  text,
  nonEmptyText,
  flag,
  whole,
  seconds,
  absolutePath,
  mode,
  account,
  textList,
  mapping,
  environment,
  anything,
}

export function schemaOf(
  args: Readonly<Record<string, Argument>>,
): v.StrictObjectSchema<v.ObjectEntries, undefined> {
  return v.strictObject(
    Object.fromEntries(Object.entries(args).map(([name, argument]) => [name, entryOf(argument)])),
  ) as v.StrictObjectSchema<v.ObjectEntries, undefined>
}

function entryOf({ type, words, need, description, fallback }: Argument) {
  const schema: Schema = type === 'choice' ? choice(words ?? []) : types[type]
  const said = description === '' ? 'Not described.' : description
  if (need === 'needed') return needed(schema, said)
  if (need === 'optional') return optional(schema, said)
  return defaulted(schema, toValue(fallback as never) as never, said)
}
