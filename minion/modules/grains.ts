/** Execution module `grains`: what a minion says of itself. */
import * as v from 'valibot'
import { isDict, isList, traverse, type Value } from '../../shared/data/value.ts'
import { defaulted, needed } from '../../shared/schema/argument.ts'
import { anything } from '../../shared/schema/collections.ts'
import { text } from '../../shared/schema/scalars.ts'
import { execFunction, execModule } from './contract.ts'
import { grainChanges } from './grains-set.ts'
import { pureFunctions } from './pure-function.ts'

const delimiter = defaulted(text, ':', 'What separates the steps of a key.')

export const grainsModule = execModule({
  summary: 'What a minion says of itself: system, hardware, network, and what was set on it.',
  functions: {
    items: execFunction({
      summary: 'All grains.',
      args: v.strictObject({}),
      examples: ["tsalt '*' grains.items"],
      readOnly: true,
      run: async (_, { look }) => look.grains,
    }),
    ls: execFunction({
      summary: 'Names of all grains.',
      args: v.strictObject({}),
      examples: ["tsalt '*' grains.ls"],
      readOnly: true,
      run: async (_, { look }) => [...look.grains.keys()].map(String).sort(),
    }),
    item: execFunction({
      summary: 'The grains named.',
      args: v.strictObject({ keys: needed(anything, 'Names of grains, `a:b` for one inside another.') }),
      rest: 'keys',
      examples: ["tsalt '*' grains.item os osrelease"],
      readOnly: true,
      run: async ({ keys }, { look }) => {
        const found = new Map<string, Value>()
        for (const key of isList(keys) ? keys : [keys])
          found.set(String(key), traverse(look.grains, String(key)) ?? '')
        return found
      },
    }),
    get: execFunction({
      summary: 'One grain, or the default where it does not exist.',
      args: v.strictObject({
        key: needed(text, 'Name of a grain, `a:b` for one inside another.'),
        default: defaulted(anything, '', 'Answer where there is none.'),
        delimiter,
      }),
      examples: ["tsalt '*' grains.get level"],
      readOnly: true,
      run: async (args, { look }) => traverse(look.grains, args.key, args.delimiter) ?? args.default,
    }),
    has_value: execFunction({
      summary: 'True where the grain exists and is not empty.',
      args: v.strictObject({ key: needed(text, 'Name of a grain.') }),
      examples: ["tsalt '*' grains.has_value roles"],
      readOnly: true,
      run: async ({ key }, { look }) => {
        const value = traverse(look.grains, key)
        return isDict(value) ? value.size > 0 : isList(value) ? value.length > 0 : Boolean(value)
      },
    }),
    equals: execFunction({
      summary: 'True where the grain is that value.',
      args: v.strictObject({
        key: needed(text, 'Name of a grain, `a:b` for one inside another.'),
        value: needed(text, 'The value.'),
      }),
      examples: ["tsalt '*' grains.equals os Debian"],
      readOnly: true,
      run: async ({ key, value }, { look }) => String(traverse(look.grains, key) ?? '') === value,
    }),
    fetch: execFunction({
      summary: 'One grain, or the default where it does not exist; the same as get.',
      args: v.strictObject({
        key: needed(text, 'Name of a grain, `a:b` for one inside another.'),
        default: defaulted(anything, '', 'Answer where there is none.'),
        delimiter,
      }),
      examples: ["tsalt '*' grains.fetch level"],
      readOnly: true,
      run: async (args, { look }) => traverse(look.grains, args.key, args.delimiter) ?? args.default,
    }),
    ...pureFunctions('grains', {
      filter_by: {
        summary: 'What a mapping has for the value of a grain, merged with what is given.',
        args: {
          lookup_dict: 'Value of the grain → mapping.',
          'grain?': 'Name of the grain, default os_family.',
          'merge?': 'A mapping merged over what is found.',
          'default?': 'The key where none fits, default `default`.',
          'base?': 'A key whose mapping is below what is found.',
        },
        example: `tsalt '*' grains.filter_by '{"Debian": {"pkg": "apache2"}}'`,
      },
    }),
    ...grainChanges,
  },
})
