/** Execution module `pillar`: the data that the master keeps for this minion. */
import * as v from 'valibot'
import { isDict, isList, type Plain, PyFloat, traverse, type Value } from '../../shared/data/value.ts'
import { isTsaltError, TsaltError } from '../../shared/errors/error.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { anything, mapping } from '../../shared/schema/collections.ts'
import { flag, text } from '../../shared/schema/scalars.ts'
import { type Answer, execFunction, execModule, type ModuleContext, type PillarAnswer } from './contract.ts'

/** Salt's own shape: a pillar that failed to compile holds `_errors`. */
function answerOf({ pillar, errors }: PillarAnswer): Answer {
  if (errors.length === 0) return { ret: pillar, retcode: 0, format: 'nested' }
  return { ret: new Map<string, Value>([['_errors', [...errors]]]), retcode: 5, format: 'nested' }
}

/** The one in memory, or that of one environment, compiled for this call. */
async function pillarOf(
  { look, services }: ModuleContext,
  environment: string | undefined,
): Promise<PillarAnswer> {
  if (environment !== undefined) return services.pillar.compile({ environment })
  return { pillar: look.pillar, errors: services.pillar.trouble() }
}

const delimiter = defaulted(text, ':', 'What separates the steps of a key.')
const pillarenv = optional(text, 'Environment to compile for this call.')

const getArguments = v.strictObject({
  key: needed(text, 'Name of a key, `a:b` for one inside another.'),
  default: optional(anything, 'Answer where there is none; empty text without it.'),
  merge: defaulted(flag, false, 'Merge the value over the default: mappings key by key, lists joined.'),
  merge_nested_lists: optional(flag, 'Join lists inside merged mappings (else pillar_merge_lists).'),
  delimiter,
  pillarenv,
})

async function getValue(
  args: v.InferOutput<typeof getArguments>,
  context: ModuleContext,
): Promise<Plain | Answer> {
  const { pillar, errors } = await pillarOf(context, args.pillarenv)
  if (errors.length > 0) return answerOf({ pillar, errors })
  const named = Object.entries({ ...args, pillarenv: undefined }).filter(([, value]) => value !== undefined)
  const { callPure } = await import('../../shared/render/jinja/call-pure.ts')
  const { config } = context
  try {
    return callPure('pillar.get', [], new Map(named as [string, Value][]), { pillar, opts: config })
  } catch (error) {
    const strict = args.default === undefined && config.get('pillar_raise_on_missing') === true
    if (!strict || !isTsaltError(error) || error.code !== 'function-failed') throw error
    throw new TsaltError('pillar-key-missing', { key: args.key }, { cause: error })
  }
}

/** Python's names, in angle brackets. */
function typesOf(value: Value): Value {
  if (isDict(value)) return new Map([...value].map(([key, item]) => [key, typesOf(item)]))
  if (isList(value)) return value.map(typesOf)
  if (value === null) return '<NoneType>'
  if (typeof value === 'string') return '<str>'
  if (typeof value === 'boolean') return '<bool>'
  return value instanceof PyFloat || (typeof value === 'number' && !Number.isInteger(value))
    ? '<float>'
    : '<int>'
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
    obfuscate: execFunction({
      summary: 'As items, with the type of each value in its place: what is there, without its secrets.',
      args: v.strictObject({
        keys: optional(anything, 'Names of keys, `a:b` for one inside another.'),
      }),
      rest: 'keys',
      examples: ["tsalt '*' pillar.obfuscate"],
      readOnly: true,
      run: async ({ keys }, { services }) => {
        const compiled = await services.pillar.compile({})
        const answer = answerOf(compiled)
        if (answer.retcode !== 0) return answer
        if (!isList(keys) || keys.length === 0) return typesOf(compiled.pillar)
        return new Map(
          keys.map((key) => [String(key), typesOf(traverse(compiled.pillar, String(key)) ?? '')]),
        )
      },
    }),
    get: execFunction({
      summary: 'One value, or the default where it does not exist. Reads what was compiled last.',
      args: getArguments,
      examples: [
        "tsalt '*' pillar.get redis:port",
        "tsalt '*' pillar.get redis default='{port: 1}' merge=True",
      ],
      readOnly: true,
      run: getValue,
    }),
    fetch: execFunction({
      summary: 'One value, or the default where it does not exist; the same as get.',
      args: getArguments,
      examples: ["tsalt '*' pillar.fetch redis:port"],
      readOnly: true,
      run: getValue,
    }),
    raw: execFunction({
      summary: 'What is in memory, or the value of one key at its top. Reads what was compiled last.',
      args: v.strictObject({ key: optional(text, 'Name of a key at the top.') }),
      examples: ["tsalt '*' pillar.raw", "tsalt '*' pillar.raw redis"],
      readOnly: true,
      run: async ({ key }, context) => {
        const { pillar, errors } = await pillarOf(context, undefined)
        if (errors.length > 0) return answerOf({ pillar, errors })
        return key === undefined || key === '' ? pillar : (pillar.get(key) ?? new Map())
      },
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
      args: v.strictObject({
        keys: needed(anything, 'Names of keys.'),
        default: defaulted(anything, '', 'Answer for one that does not exist.'),
        delimiter,
        pillarenv,
      }),
      rest: 'keys',
      examples: ["tsalt '*' pillar.item redis app"],
      readOnly: true,
      run: async ({ keys, default: otherwise = '', delimiter: step, pillarenv: environment }, context) => {
        const { pillar, errors } = await pillarOf(context, environment)
        if (errors.length > 0) return answerOf({ pillar, errors })
        const names = (isList(keys) ? keys : [keys]).map(String)
        return new Map(names.map((key) => [key, traverse(pillar, key, step) ?? otherwise]))
      },
    }),
    ls: execFunction({
      summary: 'Names of the keys at the top.',
      args: v.strictObject({}),
      examples: ["tsalt '*' pillar.ls"],
      readOnly: true,
      run: async (_, context) => {
        const { pillar, errors } = await pillarOf(context, undefined)
        return errors.length > 0 ? answerOf({ pillar, errors }) : [...pillar.keys()].map(String)
      },
    }),
    keys: execFunction({
      summary: 'Names of the keys inside one.',
      args: v.strictObject({ key: needed(text, 'Name of a key, `a:b` for one inside another.'), delimiter }),
      examples: ["tsalt '*' pillar.keys redis"],
      readOnly: true,
      run: async ({ key, delimiter: step }, context) => {
        const { pillar, errors } = await pillarOf(context, undefined)
        if (errors.length > 0) return answerOf({ pillar, errors })
        const value = traverse(pillar, key, step)
        if (value === undefined) throw new TsaltError('pillar-key-missing', { key })
        if (!isDict(value)) throw new TsaltError('pillar-key-no-mapping', { key })
        return [...value.keys()].map(String)
      },
    }),
  },
})
