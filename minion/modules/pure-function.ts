/** An execution function that templates have without a machine, made callable from everywhere else. */
import * as v from 'valibot'
import { isList, type Value } from '../../shared/data/value.ts'
import { needed, optional } from '../../shared/schema/argument.ts'
import { anything } from '../../shared/schema/collections.ts'
import { type ExecFunction, execFunction } from './contract.ts'

export interface PureDescription {
  readonly summary: string
  /** Name → what it is, in order; a name that ends with `?` may be left out. */
  readonly args?: Readonly<Record<string, string>>
  /** What any number of values are. */
  readonly rest?: string
  readonly example: string
}

/** @param fun `module.function` of shared/render/jinja/pure-calls */
export function pureFunction(
  fun: string,
  { summary, args = {}, rest, example }: PureDescription,
): ExecFunction {
  const entries: v.ObjectEntries = {}
  for (const [name, description] of Object.entries(args)) {
    if (name.endsWith('?')) entries[name.slice(0, -1)] = optional(anything, description)
    else entries[name] = needed(anything, description)
  }
  if (rest !== undefined) entries.args = optional(anything, rest)
  return execFunction({
    summary,
    args: v.strictObject(entries),
    ...(rest === undefined ? {} : { rest: 'args' }),
    examples: [example],
    readOnly: true,
    run: async (given, { look, config }) => {
      const { callPure } = await import('../../shared/render/jinja/call-pure.ts')
      const named = new Map(Object.entries(given) as [string, Value][])
      const positional: Value[] = []
      // By position as far as it goes: the names are this file's.
      for (const name of Object.keys(entries)) {
        const value = named.get(name)
        if (value === undefined) break
        if (rest !== undefined && name === 'args') positional.push(...(isList(value) ? value : [value]))
        else positional.push(value)
        named.delete(name)
      }
      return callPure(fun, positional, named, { grains: look.grains, pillar: look.pillar, opts: config })
    },
  })
}

/** Several of one module. */
export function pureFunctions(
  module: string,
  table: Readonly<Record<string, PureDescription>>,
): Record<string, ExecFunction> {
  return Object.fromEntries(
    Object.entries(table).map(([name, description]) => [
      name,
      pureFunction(`${module}.${name}`, description),
    ]),
  )
}
