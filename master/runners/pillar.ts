/** Runner `pillar`: what a minion is told, for the operator's eyes. */
import * as v from 'valibot'
import type { Plain } from '../../shared/data/value.ts'
import { describeError } from '../../shared/errors/error.ts'
import { parseMinionId } from '../../shared/ids.ts'
import { RunnerAnswer, runner, runnerFunction } from './contract.ts'

export const pillar = runner({
  summary: 'What a minion is told.',
  functions: {
    show_pillar: runnerFunction({
      summary: "Compiles a minion's pillar as it would be now, secrets included.",
      args: v.strictObject({
        minion: v.pipe(v.string(), v.description('Id of the minion.')),
        pillarenv: v.optional(v.pipe(v.string(), v.description('Only this environment.'))),
      }),
      examples: ['tsalt-run pillar.show_pillar web1', 'tsalt-run pillar.show_pillar web1 pillarenv=base'],
      async run({ minion, pillarenv }, { pillars }) {
        const shown = await pillars.show(parseMinionId(minion), pillarenv)
        if (shown.errors.length === 0) return shown.pillar
        const whole = new Map<string, Plain>()
        for (const [key, value] of shown.pillar) whole.set(String(key), value)
        return new RunnerAnswer(whole.set('_errors', shown.errors.map(describeError)), 1)
      },
    }),
  },
})
