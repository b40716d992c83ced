/** Runner `doc`: what functions there are, and what they do. */
import * as v from 'valibot'
import { isDict, type Plain } from '../../shared/data/value.ts'
import { compileGlob } from '../../shared/targeting/glob.ts'
import { wheelFunctions } from '../wheel/call-wheel.ts'
import { askMinions } from './ask-minions.ts'
import { RunnerAnswer, runner, runnerFunction } from './contract.ts'
import { meantBy } from './target-words.ts'

const match = v.optional(v.pipe(v.string(), v.description('Only those that fit this name or glob.')), '*')

export const doc = runner({
  summary: 'What functions there are, and what they do.',
  functions: {
    runner: runnerFunction({
      summary: 'Functions of runners, as sys.doc.',
      args: v.strictObject({ match }),
      examples: ['tsalt-run doc.runner', "tsalt-run doc.runner 'mine.*'"],
      async run(args, { runners }) {
        const glob = compileGlob(args.match)
        const names = runners.names().filter((name) => glob(name) || name.startsWith(`${args.match}.`))
        return new Map(names.map((name) => [name, runners.describe(name) ?? '']))
      },
    }),
    wheel: runnerFunction({
      summary: 'Names of wheel functions.',
      args: v.strictObject({}),
      examples: ['tsalt-run doc.wheel'],
      run: async () => [...wheelFunctions],
    }),
    execution: runnerFunction({
      summary: 'Functions of minions: what the connected ones say of theirs.',
      args: v.strictObject({}),
      examples: ['tsalt-run doc.execution'],
      async run(_args, context) {
        const all = await meantBy({ tgt: '*', tgt_type: 'glob' }, context)
        const [first] = all.filter(
          ({ id, generation }) => context.sessions.find(id)?.generation === generation,
        )
        // As Salt merges what all of them say: the same version says the same.
        if (first === undefined) return new RunnerAnswer({}, 1)
        const target = { kind: 'list', expression: first.id } as const
        const { returned, failed } = await askMinions(context, { target, fun: 'sys.doc' })
        const said = returned.get(first.id) ?? null
        return new RunnerAnswer((isDict(said) ? said : {}) as Plain, failed.size === 0 ? 0 : 1)
      },
    }),
  },
})
