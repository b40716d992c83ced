/** supervisord.dead: a process or group that supervisor does not run. */
import { drift, inSync, stateFunction } from '../contract.ts'
import { deadArgs, refuseName } from './arguments.ts'
import { membersOf, runas, verbName } from './running.ts'
import { commandOf, complaint, isProcesses, optionsOf, processesNow } from './supervisor.ts'

export const dead = stateFunction({
  summary: 'Makes sure that supervisor does not run a process or a group.',
  args: deadArgs,
  examples: ['worker:\n  supervisord.dead: []\n'],
  refuse: refuseName,
  async check(wanted, look, run) {
    const name = wanted.name.endsWith(':*') ? wanted.name.slice(0, -1) : wanted.name
    const processes = await processesNow(wanted, look, run)
    if (!isProcesses(processes)) return processes
    const members = membersOf(name, processes)
    if (members.length === 0) return inSync(`Service ${name} doesn't exist`)
    const lively = members.filter(([, state]) => ['RUNNING', 'STARTING', 'BACKOFF'].includes(state))
    if (lively.length === 0) return inSync(`Service ${name} is not running`)
    const done = `Stopping service: ${name}`
    return drift({ [name]: done }, { would: `Service ${name} is set to be stopped`, done }, async (act) => {
      const start = await Promise.all(
        lively.map(async ([one]) => ({
          argv: await commandOf(wanted, act.look, 'start', one),
          ...runas(wanted),
        })),
      )
      const argv = await commandOf(wanted, act.look, 'stop', verbName(name))
      const wrong = complaint(await act.commands.run(argv, { ...optionsOf(wanted), undo: start }))
      return wrong === undefined ? undefined : { ok: false, comment: wrong }
    })
  },
})
