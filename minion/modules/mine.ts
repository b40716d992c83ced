/** Execution module `mine`: what functions of minions answer, kept on the master for others to read. */
import * as v from 'valibot'
import { type Dict, isDict, isList, type Value } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { mineAnswer, mineQuestion } from '../../shared/mine/mine-question.ts'
import type { MinePut, MineStored } from '../../shared/protocol/messages/mine-put.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { anything } from '../../shared/schema/collections.ts'
import { flag, nonEmptyText, text } from '../../shared/schema/scalars.ts'
import { configuredFunctions, definitionOf, definitionsOf } from '../mine/definitions.ts'
import { answerOf, gather } from '../mine/gather.ts'
import type { MineAccess } from '../mine/mine-access.ts'
import { execFunction, execModule, type ModuleContext } from './contract.ts'

const none = v.strictObject({})

/** @throws TsaltError `mine-missing` */
function mineOf(fun: string, { services }: ModuleContext): MineAccess {
  if (services.mine === undefined) throw new TsaltError('mine-missing', { fun })
  return services.mine
}

const nothing: MinePut = { clear: 'nothing', keep: [], remove: [], configured: false, entries: [] }

/** @throws TsaltError `mine-refused` */
function requireTaken({ refused }: MineStored): true {
  const [first] = refused
  if (first !== undefined) throw new TsaltError('mine-refused', first)
  return true
}

const get = execFunction({
  summary:
    'What other minions have in the mine, by minion; of several functions by function, then by minion.',
  args: v.strictObject({
    tgt: needed(anything, 'Which minions.'),
    fun: needed(anything, 'Which function, or its name in the mine; several with commas, or a list.'),
    tgt_type: defaulted(
      text,
      'glob',
      'Kind of the target: glob, grain, pillar, list, compound and the others.',
    ),
    exclude_minion: defaulted(flag, false, 'Leaves this minion out.'),
  }),
  examples: [
    "tsalt web1 mine.get '*' network.ip_addrs",
    "tsalt web1 mine.get 'os:Debian' network.ip_addrs tgt_type=grain",
    "tsalt web1 mine.get 'G@role:web and not web1' network.ip_addrs,disk.usage compound",
  ],
  readOnly: true,
  async run({ tgt, fun, tgt_type, exclude_minion }, context) {
    const mine = mineOf('mine.get', context)
    const { wanted, nested } = mineQuestion({ tgt: tgt as Value, fun: fun as Value, tgt_type })
    const { found } = await mine.get(wanted)
    const isOther = ([id]: readonly [string, unknown]): boolean => id !== context.id
    const shown = exclude_minion ? found.map(({ name, of }) => ({ name, of: of.filter(isOther) })) : found
    return mineAnswer({ found: shown }, nested)
  },
})

const send = execFunction({
  summary: 'Calls a function now and puts its answer into the mine, where it stays until it is removed.',
  args: v.strictObject({
    name: needed(nonEmptyText, 'The function, or with mine_function= a name of your own.'),
    args: optional(anything, 'Arguments of the function.'),
    mine_function: optional(nonEmptyText, 'The function, where the name is your own.'),
    allow_tgt: optional(anything, 'Minions that may read it; everybody where it is left out.'),
    allow_tgt_type: optional(text, 'Kind of that target, glob by itself.'),
    kwargs: optional(anything, 'Arguments of the function by name.'),
  }),
  rest: 'args',
  restKeywords: 'kwargs',
  examples: [
    'tsalt web1 mine.send network.ip_addrs interface=eth0',
    "tsalt web1 mine.send eth0_addrs mine_function=network.ip_addrs eth0 allow_tgt='G@role:lb' allow_tgt_type=compound",
  ],
  readOnly: false,
  async run({ name, args, kwargs, ...words }, context) {
    const mine = mineOf('mine.send', context)
    const named: Dict = isDict(kwargs as Value) ? new Map(kwargs as Dict) : new Map()
    for (const [word, value] of Object.entries(words))
      if (value !== undefined) named.set(word, value as Value)
    const positional = isList((args ?? null) as Value) ? (args as Value[]) : []
    const entry = await answerOf(definitionOf(name, [...positional, named]), context)
    return requireTaken(await mine.put({ ...nothing, entries: [entry] }))
  },
})

const update = execFunction({
  summary: 'Calls the functions of `mine_functions` and puts what they answer into the mine.',
  args: v.strictObject({
    clear: defaulted(flag, false, 'Removes all else that this minion has in the mine.'),
    mine_functions: optional(anything, 'These instead of those of configuration and pillar.'),
  }),
  examples: ["tsalt '*' mine.update", `tsalt web1 mine.update mine_functions='{"network.ip_addrs": []}'`],
  readOnly: false,
  async run({ clear, mine_functions: given }, context) {
    const mine = mineOf('mine.update', context)
    const definitions = definitionsOf((given ?? configured(context)) as Value)
    const { entries, failed } = await gather(definitions, context)
    const { refused } = await mine.put({
      clear: clear ? 'all' : given === undefined ? 'configured' : 'nothing',
      keep: failed.map(({ name }) => name),
      remove: [],
      configured: given === undefined,
      entries: [...entries],
    })
    const reasons = [...failed, ...refused.map(({ name, message: reason }) => ({ name, reason }))]
    if (reasons.length > 0)
      throw new TsaltError('mine-update-incomplete', {
        failed: reasons.length,
        all: definitions.length,
        reasons: reasons.map(({ name, reason }) => `${name}: ${reason}`).join('\n'),
      })
    return definitions.length > 0 ? true : null
  },
})

const configured = ({ config, look }: ModuleContext): Dict => configuredFunctions(config, look.pillar)

export const mineModule = execModule({
  summary: 'What functions of minions answer, kept on the master for others to read.',
  functions: {
    get,
    send,
    update,
    delete: execFunction({
      summary: 'Removes one name of this minion from the mine.',
      args: v.strictObject({ fun: needed(nonEmptyText, 'The function, or its name in the mine.') }),
      examples: ['tsalt web1 mine.delete network.ip_addrs'],
      readOnly: false,
      besideRuns: true,
      run: async ({ fun }, context) =>
        requireTaken(await mineOf('mine.delete', context).put({ ...nothing, remove: [fun] })),
    }),
    flush: execFunction({
      summary: 'Removes all that this minion has in the mine.',
      args: none,
      examples: ["tsalt '*' mine.flush"],
      readOnly: false,
      besideRuns: true,
      run: async (_, context) =>
        requireTaken(await mineOf('mine.flush', context).put({ ...nothing, clear: 'all' })),
    }),
    valid: execFunction({
      summary: 'The functions of `mine_functions` that this minion has, with their arguments.',
      args: none,
      examples: ["tsalt '*' mine.valid"],
      readOnly: true,
      async run(_, context) {
        const functions = configured(context)
        const known = definitionsOf(functions).filter(({ fun }) => context.services.functions.find(fun))
        if (known.length === 0) return null
        return new Map(
          known.map(({ name, fun, args, kwargs }) => {
            const named = [...kwargs].map(([key, value]): Value => new Map([[key, value]]))
            const written: Value =
              fun === name ? (functions.get(name) ?? null) : new Map([[fun, [...args, ...named]]])
            return [name, written]
          }),
        )
      },
    }),
  },
})
