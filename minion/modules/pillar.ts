/** Execution module `pillar`: the data that the master keeps for this minion. */
import * as v from 'valibot'
import { isDict, isList, traverse, type Value } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { needed, optional } from '../../shared/schema/argument.ts'
import { anything, mapping } from '../../shared/schema/collections.ts'
import { text } from '../../shared/schema/scalars.ts'
import { type Answer, execFunction, execModule, type PillarAnswer } from './contract.ts'
import { pureFunctions } from './pure-function.ts'

/** Salt's own shape: a pillar that failed to compile holds `_errors`. */
function answerOf({ pillar, errors }: PillarAnswer): Answer {
  if (errors.length === 0) return { ret: pillar, retcode: 0, format: 'nested' }
  return { ret: new Map<string, Value>([['_errors', [...errors]]]), retcode: 5, format: 'nested' }
}

export const pillarModule = execModule({
  summary: 'The data that the master keeps for this minion.',
  functions: {
    items: execFunction({
      summary: 'The whole pillar, compiled afresh, or only the keys named.',
      args: v.strictObject({
        keys: optional(anything, 'Names of keys, `a:b` for one inside another.'),
        pillar: optional(mapping, 'Values that win over the compiled ones.'),
        pillarenv: optional(text, 'Environment to compile.'),
      }),
      rest: 'keys',
      examples: ["tsalt '*' pillar.items"],
      readOnly: true,
      run: async ({ keys, pillar, pillarenv }, { services }) => {
        const compiled = await services.pillar.compile({
          ...(pillar ? { override: pillar } : {}),
          ...(pillarenv ? { environment: pillarenv } : {}),
        })
        const answer = answerOf(compiled)
        if (answer.retcode !== 0 || !isList(keys) || keys.length === 0) return answer
        return new Map(keys.map((key) => [String(key), traverse(compiled.pillar, String(key)) ?? '']))
      },
    }),
    ...pureFunctions('pillar', {
      get: {
        summary: 'One value, or the default where it does not exist. Reads what was compiled last.',
        args: {
          key: 'Name of a key, `a:b` for one inside another.',
          'default?': 'Answer where there is none.',
          'merge?': 'The value is merged over the default: mappings, or lists.',
          'merge_nested_lists?': 'Lists inside are put together.',
          'delimiter?': 'What separates the steps of a key, default `:`.',
        },
        example: "tsalt '*' pillar.get redis:port",
      },
      fetch: {
        summary: 'One value, or the default where it does not exist; the same as get.',
        args: {
          key: 'Name of a key, `a:b` for one inside another.',
          'default?': 'Answer where there is none.',
          'merge?': 'The value is merged over the default: mappings, or lists.',
          'merge_nested_lists?': 'Lists inside are put together.',
          'delimiter?': 'What separates the steps of a key, default `:`.',
        },
        example: "tsalt '*' pillar.fetch redis:port",
      },
    }),
    raw: execFunction({
      summary: 'The whole pillar as it was compiled last, or one key of it.',
      args: v.strictObject({ key: optional(text, 'Name of a key at the top.') }),
      examples: ["tsalt '*' pillar.raw"],
      readOnly: true,
      run: async ({ key }, { look }) =>
        key === undefined ? look.pillar : (look.pillar.get(key) ?? new Map<string, Value>()),
    }),
    file_exists: execFunction({
      summary: 'Refused: the files of the pillar are on the master, and templates of the pillar ask there.',
      args: v.strictObject({
        path: needed(text, 'Path in the tree of pillars.'),
        saltenv: optional(text, 'Environment.'),
      }),
      examples: ["tsalt '*' pillar.file_exists users/init.sls"],
      readOnly: true,
      run: async () => {
        throw new TsaltError('template-call-refused', {
          fun: 'pillar.file_exists',
          reason: 'the files of pillars are on the master and no minion sees them',
        })
      },
    }),
    item: execFunction({
      summary: 'The values named. Reads what was compiled last.',
      args: v.strictObject({ keys: needed(anything, 'Names of keys.') }),
      rest: 'keys',
      examples: ["tsalt '*' pillar.item redis app"],
      readOnly: true,
      run: async ({ keys }, { look }) =>
        new Map(
          (isList(keys) ? keys : [keys]).map((key) => [
            String(key),
            traverse(look.pillar, String(key)) ?? '',
          ]),
        ),
    }),
    ls: execFunction({
      summary: 'Names of the keys at the top.',
      args: v.strictObject({}),
      examples: ["tsalt '*' pillar.ls"],
      readOnly: true,
      run: async (_, { look }) => [...look.pillar.keys()].map(String),
    }),
    keys: execFunction({
      summary: 'Names of the keys inside one.',
      args: v.strictObject({ key: needed(text, 'Name of a key, `a:b` for one inside another.') }),
      examples: ["tsalt '*' pillar.keys redis"],
      readOnly: true,
      run: async ({ key }, { look }) => {
        const value = traverse(look.pillar, key)
        return isDict(value) ? [...value.keys()].map(String) : []
      },
    }),
  },
})
