/** Runner `state`: orchestrations, which run on the master and do things on minions. */
import * as v from 'valibot'
import { encodeValue, type Json } from '../../shared/data/codec.ts'
import { type Dict, isDict, type Plain, toValue } from '../../shared/data/value.ts'
import { RunnerAnswer, type RunnerFunction, runner, runnerFunction } from './contract.ts'

const names = (text: string) => v.union([v.string(), v.array(v.string())], `${text} is expected`)
const listOf = (given: string | readonly string[]): string[] =>
  (typeof given === 'string' ? given.split(',') : [...given]).map((name) => name.trim()).filter(Boolean)

const pillar = v.custom<Readonly<Record<string, Plain>>>(
  (input) => isDict(toValue(input as Plain)),
  'a mapping is expected, as in pillar=\'{"release": 4}\'',
)

const args = v.strictObject({
  mods: v.pipe(names('an SLS name, or several by comma'), v.description('SLS names, by comma or several.')),
  saltenv: v.optional(v.pipe(v.string(), v.description('Environment of the SLS.'))),
  test: v.optional(
    v.pipe(
      v.boolean('True or False is expected'),
      v.description('A dry run: minions only say what would be, nothing else is begun.'),
    ),
  ),
  exclude: v.optional(v.pipe(names('an SLS name'), v.description('SLS names to leave out.'))),
  pillar: v.optional(v.pipe(pillar, v.description('Pillar values that win over those of the master.'))),
  pillarenv: v.optional(v.pipe(v.string(), v.description('Environment of the pillar.'))),
  attached: v.optional(
    v.pipe(
      v.boolean('True or False is expected'),
      v.description('False: answer with the job id at once, and let it run.'),
    ),
    true,
  ),
})

const orchestrate = (name: string): RunnerFunction =>
  runnerFunction({
    summary: 'Runs an orchestration: an SLS with salt.state, salt.function, salt.runner and their kin.',
    args,
    examples: [
      `tsalt-run state.${name} orch.deploy`,
      `tsalt-run state.${name} orch.deploy test=True`,
      `tsalt-run state.${name} orch.deploy pillar='{"release": 4}'`,
    ],
    async run({ mods, test = false, exclude, pillar: given, attached, ...environments }, context) {
      const { orchestrator, actor, within } = context
      const override = given === undefined ? undefined : (toValue(given) as Dict)
      const kwargs: Record<string, Json> = {}
      if (test) kwargs.test = true
      if (override !== undefined) kwargs.pillar = encodeValue(override)
      for (const [key, value] of Object.entries(environments)) if (value !== undefined) kwargs[key] = value
      const orchestration = await orchestrator.start(
        {
          mods: listOf(mods),
          test,
          pillar: override,
          ...environments,
          ...(exclude === undefined ? {} : { exclude: listOf(exclude) }),
        },
        { fun: 'state.orchestrate', args: [listOf(mods).join(',')], kwargs },
        actor,
        within,
      )
      if (!attached) return { jid: orchestration.jid, id: orchestration.id }
      const { ret, retcode } = await orchestration.done
      const answer = new Map<string, Plain>([
        ['data', new Map([[orchestration.id, ret]])],
        ['outputter', 'highstate'],
        ['retcode', retcode],
      ])
      return retcode === 0 ? answer : new RunnerAnswer(answer, retcode)
    },
  })

const { mods, saltenv, test: dryRun, pillar: pillarValues, pillarenv, exclude } = args.entries
const shown = v.strictObject({ mods, saltenv, test: dryRun, exclude, pillar: pillarValues, pillarenv })

const showSls = (name: string): RunnerFunction =>
  runnerFunction({
    summary:
      'What an orchestration would run, as high data; nothing of it is. A glob may stand for all that is there.',
    args: shown,
    ignored: ['queue'],
    examples: [`tsalt-run state.${name} orch.deploy`],
    async run({ mods: given, test = true, exclude: left, pillar: values, ...environments }, context) {
      const request = {
        mods: listOf(given),
        test,
        pillar: values === undefined ? undefined : (toValue(values) as Dict),
        ...environments,
        ...(left === undefined ? {} : { exclude: listOf(left) }),
      }
      const { id, ret, retcode } = await context.orchestrator.show(request, context.actor)
      const answer = new Map<string, Plain>([[id, ret]])
      return retcode === 0 ? answer : new RunnerAnswer(answer, retcode)
    },
  })

export const state = runner({
  summary: 'Orchestrations: states that run on the master and do things on minions.',
  functions: {
    orchestrate: orchestrate('orchestrate'),
    orch: orchestrate('orch'),
    sls: orchestrate('sls'),
    orchestrate_show_sls: showSls('orchestrate_show_sls'),
    orch_show_sls: showSls('orch_show_sls'),
  },
})
