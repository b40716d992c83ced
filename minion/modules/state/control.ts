/** The functions of `state` that look at a run which is under way, hold it, or end it between two states. */
import * as v from 'valibot'
import { needed, optional } from '../../../shared/schema/argument.ts'
import { nonEmptyText, seconds, text } from '../../../shared/schema/scalars.ts'
import { functionsOf } from '../../../shared/several-functions.ts'
import { execFunction, type ModuleContext, type StateRunControl } from '../contract.ts'

const jid = needed(nonEmptyText, 'Job id of the run, as state.running shows it.')
const stateId = optional(text, 'ID of the state before which it happens; not given: before the next one.')

function act(wanted: string, context: ModuleContext, action: (control: StateRunControl) => boolean | void) {
  const control = context.services.states.control(wanted)
  if (!control)
    return {
      ret: `No state run with the job id ${wanted} is under way here.`,
      retcode: 1,
      format: 'nested' as const,
    }
  return action(control) !== false
}

export const controlFunctions = {
  running: execFunction({
    summary: 'Shows the state runs under way on this minion.',
    args: v.strictObject({}),
    examples: ["tsalt '*' state.running"],
    readOnly: true,
    run: async (_, { services, job }) =>
      services.jobs
        .running()
        .filter(({ jid: other }) => other !== job.jid)
        .filter(({ fun }) => functionsOf(fun).some((name) => name.startsWith('state.')))
        .map(
          ({ fun, jid: other, pid }) => `The function "${fun}" is running as PID ${pid} with jid ${other}`,
        ),
  }),
  pause: execFunction({
    summary: 'Holds a state run before its next state, or before the one named, until it is resumed.',
    args: v.strictObject({
      jid,
      state_id: stateId,
      duration: optional(seconds, 'Seconds; then it goes on by itself.'),
    }),
    examples: [
      'tsalt web1 state.pause 20260102030405000000',
      'tsalt web1 state.pause 20260102030405000000 nginx 60',
    ],
    readOnly: false,
    besideRuns: true,
    run: async (given, context) =>
      act(given.jid, context, (control) => control.pause(given.state_id, given.duration)),
  }),
  resume: execFunction({
    summary: 'Lets a state run go on that state.pause holds. False: nothing held it.',
    args: v.strictObject({ jid, state_id: stateId }),
    examples: ['tsalt web1 state.resume 20260102030405000000'],
    readOnly: false,
    besideRuns: true,
    run: async (given, context) => act(given.jid, context, (control) => control.resume(given.state_id)),
  }),
  soft_kill: execFunction({
    summary:
      'Ends a state run before its next state, or before the one named; what is left is listed as not run.',
    args: v.strictObject({ jid, state_id: stateId }),
    examples: ['tsalt web1 state.soft_kill 20260102030405000000'],
    readOnly: false,
    besideRuns: true,
    run: async (given, context) => act(given.jid, context, (control) => control.softKill(given.state_id)),
  }),
}
