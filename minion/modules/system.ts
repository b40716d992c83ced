/** Execution module `system`: stop and start the machine, its clock and names. */

import { systemClock } from '../../shared/clock.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { nonEmptyText, text, whole } from '../../shared/schema/scalars.ts'
import type { Changer } from '../system/changer.ts'
import type { Reader } from '../system/reader.ts'
import { execModule, type ModuleContext } from './contract.ts'
import { asking, changing } from './define.ts'

/** Shell-free; a minute at least, so that the job's answer reaches the master first where it is said so. */
async function run(
  fun: string,
  argv: readonly string[],
  act: Changer,
  undo?: readonly string[],
): Promise<string> {
  const { code, stdout, stderr } = await act.commands.run(argv, undo ? { undo: [{ argv: undo }] } : {})
  if (code !== 0) throw new TsaltError('function-failed', { fun, reason: (stderr || stdout).trim() })
  return (stdout || stderr).trim()
}

const at_time = optional(nonEmptyText, 'Minutes from now, `now`, or `HH:MM`.')

/** `5`, `now`, `+5`, `22:00`. */
function moment(fun: string, given: string): string {
  if (/^\d+$/.test(given)) return `+${given}`
  if (given === 'now' || /^\+\d+$/.test(given) || /^\d\d?:\d\d$/.test(given)) return given
  throw new TsaltError('function-failed', {
    fun,
    reason: `"${given}" is no time: minutes, "now" or HH:MM are`,
  })
}

/** @param way option of shutdown */
const stopping = (fun: string, way: string, summary: string, usual: string) =>
  changing(summary, `system.${fun} 5`, { at_time }, ({ at_time: when }, { act }) => {
    const time = moment(`system.${fun}`, when ?? usual)
    return run(`system.${fun}`, ['shutdown', way, time], act, time === 'now' ? undefined : ['shutdown', '-c'])
  })

const two = (value: number): string => String(value).padStart(2, '0')
const offset = optional(nonEmptyText, 'Distance from UTC, such as `+0200`; default: the zone of the machine.')

/** The clock of the machine, seen from an offset. */
function clockAt(given: string | undefined): { date: string; time: string; day: string } {
  const now = new Date(systemClock.now())
  const [, sign, hours = '0', minutes = '0'] = /^([+-])(\d\d):?(\d\d)$/.exec(given ?? '') ?? []
  const away =
    given === undefined
      ? -now.getTimezoneOffset()
      : (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1)
  const there = new Date(now.getTime() + away * 60_000)
  const time = `${two(there.getUTCHours())}:${two(there.getUTCMinutes())}:${two(there.getUTCSeconds())}`
  return { date: there.toISOString().slice(0, 10), day: '', time: twelveHours(time) }
}

/** As Salt has it: 01:23:45 PM. */
function twelveHours(time: string): string {
  const hour = Number(time.slice(0, 2))
  return `${two(hour % 12 || 12)}${time.slice(2)} ${hour < 12 ? 'AM' : 'PM'}`
}

async function description(look: Reader): Promise<string | false> {
  if (!(await look.files.infoFollowed('/etc/machine-info'))) return false
  const file = Buffer.from(await look.files.read('/etc/machine-info')).toString('utf8')
  return /^PRETTY_HOSTNAME="?(.*?)"?$/m.exec(file)?.[1] ?? false
}

async function setClock(words: string, { act }: ModuleContext, fun: string): Promise<boolean> {
  await run(fun, ['date', '-s', words], act)
  return true
}

export const systemModule = execModule({
  summary: 'Stop and start the machine, its clock and names.',
  functions: {
    reboot: stopping('reboot', '-r', 'Starts the machine anew, in a minute or when it is said.', '1'),
    shutdown: stopping('shutdown', '-h', 'Stops the machine, in a minute or when it is said.', '1'),
    poweroff: changing('Stops the machine and its power at once.', 'system.poweroff', {}, (_, { act }) =>
      run('system.poweroff', ['shutdown', '-P', 'now'], act),
    ),
    halt: changing('Halts the machine at once.', 'system.halt', {}, (_, { act }) =>
      run('system.halt', ['shutdown', '-H', 'now'], act),
    ),
    init: changing(
      'Goes to a runlevel.',
      'system.init 3',
      { runlevel: needed(whole, 'Number.') },
      (given, { act }) => run('system.init', ['init', String(given.runlevel)], act),
    ),
    get_system_date: asking(
      'Date of the machine: 2026-01-31.',
      'system.get_system_date',
      { utc_offset: offset },
      async (given) => clockAt(given.utc_offset).date,
    ),
    get_system_time: asking(
      'Time of the machine: 01:23:45 PM.',
      'system.get_system_time',
      { utc_offset: offset },
      async (given) => clockAt(given.utc_offset).time,
    ),
    get_system_date_time: asking(
      'Date and time of the machine.',
      'system.get_system_date_time',
      { utc_offset: offset },
      async (given) => {
        const { date, time } = clockAt(given.utc_offset)
        return `${date} ${time}`
      },
    ),
    set_system_date: changing(
      'Sets the date of the machine.',
      'system.set_system_date 2026-01-31',
      { newdate: needed(text, 'YYYY-MM-DD.') },
      (given, context) => {
        if (!/^\d{4}-\d\d-\d\d$/.test(given.newdate))
          throw new TsaltError('function-failed', {
            fun: 'system.set_system_date',
            reason: 'a date is YYYY-MM-DD',
          })
        return setClock(
          `${given.newdate} ${new Date(systemClock.now()).toTimeString().slice(0, 8)}`,
          context,
          'system.set_system_date',
        )
      },
    ),
    set_system_time: changing(
      'Sets the time of the machine.',
      "system.set_system_time '13:45:00'",
      { newtime: needed(text, 'HH:MM or HH:MM:SS.') },
      (given, context) => {
        if (!/^\d\d?:\d\d(?::\d\d)?$/.test(given.newtime))
          throw new TsaltError('function-failed', {
            fun: 'system.set_system_time',
            reason: 'a time is HH:MM:SS',
          })
        return setClock(given.newtime, context, 'system.set_system_time')
      },
    ),
    get_computer_name: asking('Name of the machine.', 'system.get_computer_name', {}, async (_, { look }) => {
      const { stdout } = await look.commands.query(['hostname'])
      return stdout.trim()
    }),
    get_computer_desc: asking(
      'Description of the machine; False where there is none.',
      'system.get_computer_desc',
      {},
      (_, { look }) => description(look),
    ),
    set_computer_desc: changing(
      'Describes the machine.',
      "system.set_computer_desc 'The database in rack 2'",
      { desc: defaulted(text, '', 'The description.') },
      async (given, { look, act }) => {
        if (/["\n\\]/.test(given.desc))
          throw new TsaltError('function-failed', {
            fun: 'system.set_computer_desc',
            reason: 'it has quotes or breaks',
          })
        const there = await look.files.infoFollowed('/etc/machine-info')
        const before = there ? Buffer.from(await look.files.read('/etc/machine-info')).toString('utf8') : ''
        const others = before
          .split('\n')
          .filter((line) => line !== '' && !line.startsWith('PRETTY_HOSTNAME='))
        await act.files.write(
          '/etc/machine-info',
          Buffer.from(`${[...others, `PRETTY_HOSTNAME="${given.desc}"`].join('\n')}\n`),
        )
        return true
      },
    ),
    get_reboot_required_witnessed: asking(
      'True where something asked for a start of the machine.',
      'system.get_reboot_required_witnessed',
      {},
      async (_, { look }) => (await look.files.info('/run/reboot-required')) !== undefined,
    ),
  },
})
