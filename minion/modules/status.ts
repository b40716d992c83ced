/** Execution module `status`: how a machine is doing, read from /proc. */
import { availableParallelism } from 'node:os'
import * as v from 'valibot'
import { systemClock } from '../../shared/clock.ts'
import { defaulted } from '../../shared/schema/argument.ts'
import { flag, text } from '../../shared/schema/scalars.ts'
import type { Reader } from '../system/reader.ts'
import { execFunction, execModule } from './contract.ts'
import { asking } from './define.ts'
import { allCounters, counters } from './status-counters.ts'

async function procFile(look: Reader, name: string): Promise<string> {
  return Buffer.from(await look.files.read(`/proc/${name}`)).toString('utf8')
}

async function loads(look: Reader): Promise<{ '1-min': number; '5-min': number; '15-min': number }> {
  const [one = 0, five = 0, fifteen = 0] = (await procFile(look, 'loadavg')).split(' ').map(Number)
  return { '1-min': one, '5-min': five, '15-min': fifteen }
}

export const statusModule = execModule({
  summary: 'How a machine is doing.',
  functions: {
    ...counters,
    uptime: execFunction({
      summary: 'Since when the machine is up, and its load.',
      args: v.strictObject({}),
      examples: ["tsalt '*' status.uptime"],
      readOnly: true,
      run: async (_, { look }) => {
        const seconds = Math.floor(Number((await procFile(look, 'uptime')).split(' ')[0]))
        const boot = /^btime (\d+)$/m.exec(await procFile(look, 'stat'))
        const since = Number(boot?.[1] ?? 0)
        const days = Math.floor(seconds / 86_400)
        const clock = `${Math.floor((seconds % 86_400) / 3600)}:${String(Math.floor((seconds % 3600) / 60)).padStart(2, '0')}`
        const since_iso = new Date(since * 1000).toISOString().slice(0, 19)
        return { seconds, since_t: since, since_iso, days, time: clock, load: await loads(look) }
      },
    }),
    time: execFunction({
      summary: 'Date and time of the machine.',
      args: v.strictObject({
        format: defaulted(text, '%A, %d. %B %Y %I:%M%p', "In the form of Python's strftime."),
      }),
      examples: ["tsalt '*' status.time", "tsalt '*' status.time '%s'"],
      readOnly: true,
      run: async ({ format }) => {
        const { formatMoment, localMoment } = await import('../../shared/render/jinja/salt/moments.ts')
        return formatMoment(localMoment(systemClock.now() / 1000), format)
      },
    }),
    all_status: asking('All that can be told at once.', 'status.all_status', {}, async (_, context) => ({
      ...(await allCounters(context)),
      loadavg: await loads(context.look),
      uptime: (await procFile(context.look, 'uptime')).trim(),
    })),
    nproc: execFunction({
      summary: 'Number of processors.',
      args: v.strictObject({}),
      examples: ["tsalt '*' status.nproc"],
      readOnly: true,
      run: async () => availableParallelism(),
    }),
    loadavg: execFunction({
      summary: 'Load over 1, 5 and 15 minutes.',
      args: v.strictObject({}),
      examples: ["tsalt '*' status.loadavg"],
      readOnly: true,
      run: async (_, { look }) => loads(look),
    }),
    meminfo: execFunction({
      summary: 'Memory, as the kernel counts it.',
      args: v.strictObject({ human: defaulted(flag, false, 'Mebibytes instead of kibibytes.') }),
      examples: ["tsalt '*' status.meminfo"],
      readOnly: true,
      run: async ({ human }, { look }) => {
        const found: Record<string, { value: string; unit: string }> = {}
        for (const [, name = '', value = '', unit = ''] of (await procFile(look, 'meminfo')).matchAll(
          /^(\S+):\s+(\d+) ?(\S*)$/gm,
        )) {
          const scaled =
            human && unit === 'kB'
              ? { value: (Number(value) / 1024).toFixed(1), unit: 'MiB' }
              : { value, unit }
          found[name] = scaled
        }
        return found
      },
    }),
  },
})
