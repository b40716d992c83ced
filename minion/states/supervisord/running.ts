/** supervisord.running: a process or group that supervisor runs. */
import type { Changer } from '../../system/changer.ts'
import type { Reader } from '../../system/reader.ts'
import { type Applied, type Decision, drift, inSync, type StateRun, stateFunction } from '../contract.ts'
import { type RunningArguments, refuseName, runningArgs } from './arguments.ts'
import {
  commandOf,
  complaint,
  isProcesses,
  optionsOf,
  type Processes,
  parseStatus,
  processesNow,
} from './supervisor.ts'

/** `group:*` means the group, which Salt writes `group:`. */
const nameOf = (name: string): string => (name.endsWith(':*') ? name.slice(0, -1) : name)
const isGroup = (name: string): boolean => name.endsWith(':')
/** What supervisorctl calls all of a group. */
export const verbName = (name: string): string => (isGroup(name) ? `${name}*` : name)

export const membersOf = (name: string, processes: Processes): [string, string][] =>
  [...processes].filter(([one]) => one === name || (isGroup(name) && one.startsWith(name)))

const isStopped = (state: string): boolean => !['RUNNING', 'STARTING'].includes(state)

interface Work {
  readonly verbs: readonly string[]
  readonly told: string
  readonly would: string
  readonly starts: boolean
}

function workOf(
  wanted: RunningArguments,
  name: string,
  processes: Processes,
  restart: boolean,
): Work | undefined {
  const members = membersOf(name, processes)
  const kind = isGroup(name) ? `Group '${name}'` : `Service ${name}`
  if (members.length === 0)
    return {
      verbs: [wanted.update ? 'update' : 'add', 'start'],
      told: `${wanted.update ? 'Updating supervisor' : `Adding service: ${name}`} Starting: ${name}`,
      would: `${kind} will be added and started`,
      starts: true,
    }
  const type = isGroup(name) ? 'group' : 'service'
  const update = wanted.update && restart ? ['update'] : []
  if (members.some(([, state]) => isStopped(state)))
    return {
      verbs: [...update, 'start'],
      told: `Starting ${type}: ${name}`,
      would: isGroup(name)
        ? `All services in group '${name}' will be started`
        : `Service ${name} will be started`,
      starts: true,
    }
  if (!restart) return undefined
  return {
    verbs: [...update, 'restart'],
    told: `Restarting ${type}: ${name}`,
    would: `${kind} will be restarted`,
    starts: false,
  }
}

async function decide(
  wanted: RunningArguments,
  look: Reader,
  run: StateRun,
  restart: boolean,
): Promise<Decision> {
  const name = nameOf(wanted.name)
  const processes = await processesNow(wanted, look, run)
  if (!isProcesses(processes)) return processes
  const work = workOf(wanted, name, processes, restart)
  if (!work) return inSync(`Not starting already running${isGroup(name) ? ' group' : ' service'}: ${name}`)
  return drift({ [name]: work.told }, { would: work.would, done: work.told }, (act) =>
    apply(wanted, name, work, act),
  )
}

async function apply(
  wanted: RunningArguments,
  name: string,
  work: Work,
  act: Changer,
): Promise<Applied | undefined> {
  const command = (...words: readonly string[]): Promise<string[]> => commandOf(wanted, act.look, ...words)
  const group = name.split(':')[0] ?? name
  // What was stopped is stopped again; after a restart, or configuration read again, there is nothing to take back.
  const stop = work.starts ? [{ argv: await command('stop', verbName(name)), ...runas(wanted) }] : []
  const remove = [{ argv: await command('remove', group), ...runas(wanted) }]
  for (const verb of work.verbs) {
    if (verb === 'add') await act.commands.run(await command('reread'), { ...optionsOf(wanted), undo: [] })
    // What is new is started at once, unless its configuration says otherwise.
    if (verb === 'start' && work.verbs.length > 1 && (await isUp(wanted, name, act.look))) continue
    const words = verb === 'update' ? [verb] : [verb, verb === 'add' ? group : verbName(name)]
    const undo = verb === 'start' ? stop : verb === 'add' ? remove : []
    const said = await act.commands.run(await command(...words), { ...optionsOf(wanted), undo })
    const wrong = complaint(said)
    if (wrong !== undefined) return { ok: false, comment: wrong }
  }
  const after = await act.look.commands.query(await command('status', verbName(name)), optionsOf(wanted))
  const dead = /^(\S+)\s+(FATAL|BACKOFF|EXITED|STOPPED)\b(.*)$/m.exec(after.stdout)
  return dead
    ? { ok: false, comment: `${dead[1]} does not run: ${dead[2]} ${(dead[3] ?? '').trim()}`.trim() }
    : undefined
}

async function isUp(wanted: RunningArguments, name: string, look: Reader): Promise<boolean> {
  const { stdout } = await look.commands.query(
    await commandOf(wanted, look, 'status', verbName(name)),
    optionsOf(wanted),
  )
  const states = [...parseStatus(stdout).values()]
  return states.length > 0 && !states.some(isStopped)
}

export const runas = ({ user }: { readonly user?: string }): { runas?: string } =>
  user === undefined ? {} : { runas: user }

export const running = stateFunction({
  summary: 'Makes sure that supervisor runs a process or a group; what it does not know yet is added.',
  args: runningArgs,
  examples: [
    'worker:\n  supervisord.running:\n    - watch:\n      - file: /etc/app.conf\n\n/etc/app.conf:\n  file.managed:\n    - contents: a=1\n',
    'workers:\n  supervisord.running:\n    - name: "workers:*"\n    - update: True\n    - conf_file: /etc/supervisor/supervisord.conf\n',
  ],
  refuse: refuseName,
  check: (wanted, look, run) => decide(wanted, look, run, wanted.restart ?? false),
  refresh: (wanted, look, run) => decide(wanted, look, run, wanted.restart ?? true),
})
