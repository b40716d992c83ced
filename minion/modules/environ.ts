/** Execution module `environ`: environment variables of the minion itself. */
import * as v from 'valibot'
import { isList, type Plain } from '../../shared/data/value.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { anything } from '../../shared/schema/collections.ts'
import { text } from '../../shared/schema/scalars.ts'
import { execFunction, execModule } from './contract.ts'

const fallback = defaulted(text, '', 'Answer where it is not set.')
const get = v.strictObject({ key: needed(text, 'Name of a variable.'), default: fallback })
const hasValue = v.strictObject({
  key: needed(text, 'Name of a variable.'),
  value: optional(text, 'The value that it must have; none: it must be set.'),
})
const item = v.strictObject({ keys: needed(anything, 'A name, or a list of them.'), default: fallback })
const nothing = v.strictObject({})

const variable = (args: v.InferOutput<typeof get>): string => process.env[args.key] ?? args.default
const isSet = ({ key, value }: v.InferOutput<typeof hasValue>): boolean =>
  process.env[key] !== undefined && (value === undefined || process.env[key] === value)
const itemsOf = (args: v.InferOutput<typeof item>): Plain =>
  new Map(
    (isList(args.keys) ? args.keys : [args.keys]).map((key) => [
      String(key),
      process.env[String(key)] ?? args.default,
    ]),
  )

export const environModule = execModule({
  summary: 'Environment variables of the minion itself; services and commands have their own.',
  functions: {
    get: execFunction({
      summary: 'One variable, or the default where it is not set.',
      args: get,
      examples: ["tsalt '*' environ.get PATH"],
      readOnly: true,
      run: async (args) => variable(args),
      now: variable,
    }),
    has_value: execFunction({
      summary: 'True where the variable is set, and has the value if one is given.',
      args: hasValue,
      examples: ["tsalt '*' environ.has_value PATH"],
      readOnly: true,
      run: async (args) => isSet(args),
      now: isSet,
    }),
    item: execFunction({
      summary: 'The variables named.',
      args: item,
      examples: ["tsalt '*' environ.item '[PATH, LANG]'"],
      readOnly: true,
      run: async (args) => itemsOf(args),
      now: itemsOf,
    }),
    items: execFunction({
      summary: 'All variables.',
      args: nothing,
      examples: ["tsalt '*' environ.items"],
      readOnly: true,
      run: async () => ({ ...process.env }),
      now: () => ({ ...process.env }),
    }),
  },
})
