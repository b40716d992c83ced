/** Execution module `timezone`: the time zone of the machine. */
import { needed } from '../../shared/schema/argument.ts'
import { choice, nonEmptyText } from '../../shared/schema/scalars.ts'
import type { Reader } from '../system/reader.ts'
import { byState } from './by-state.ts'
import { execModule } from './contract.ts'
import { asking, changing } from './define.ts'

const timezone = needed(nonEmptyText, 'The zone: `Europe/Berlin`.')

async function zoneOf(look: Reader): Promise<string> {
  const link = await look.files.info('/etc/localtime')
  if (link?.target?.includes('/zoneinfo/')) return link.target.replace(/^.*?\/zoneinfo\//, '')
  if (!(await look.files.infoFollowed('/etc/timezone'))) return 'UTC'
  return Buffer.from(await look.files.read('/etc/timezone'))
    .toString('utf8')
    .trim()
}

async function hardwareClock(look: Reader): Promise<string> {
  if (!(await look.files.infoFollowed('/etc/adjtime'))) return 'UTC'
  const lines = Buffer.from(await look.files.read('/etc/adjtime'))
    .toString('utf8')
    .split('\n')
  return lines[2]?.trim() === 'LOCAL' ? 'localtime' : 'UTC'
}

/** What a zone is at this moment, as Node.js knows it. */
function partOf(zone: string, form: 'longOffset' | 'short'): string {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: form }).formatToParts()
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? ''
}

export const timezoneModule = execModule({
  summary: 'The time zone of the machine.',
  functions: {
    get_zone: asking('The zone.', 'timezone.get_zone', {}, (_, { look }) => zoneOf(look)),
    get_zonecode: asking('Its letters: CET.', 'timezone.get_zonecode', {}, async (_, { look }) => {
      const { code, stdout } = await look.commands.query(['date', '+%Z'])
      return code === 0 ? stdout.trim() : partOf(await zoneOf(look), 'short')
    }),
    get_offset: asking('Its distance from UTC: +0100.', 'timezone.get_offset', {}, async (_, { look }) => {
      const offset = partOf(await zoneOf(look), 'longOffset')
        .replace(/^GMT/, '')
        .replace(':', '')
      return offset === '' ? '+0000' : offset
    }),
    get_hwclock: asking(
      'What the clock of the hardware is in: UTC or localtime.',
      'timezone.get_hwclock',
      {},
      (_, { look }) => hardwareClock(look),
    ),
    zone_compare: asking(
      'True where the machine is in the zone.',
      'timezone.zone_compare Europe/Berlin',
      { timezone },
      async (given, { look }) => (await zoneOf(look)) === given.timezone,
    ),
    set_zone: changing(
      'Puts the machine into a zone.',
      'timezone.set_zone Europe/Berlin',
      { timezone },
      async (given, context) => {
        const utc = (await hardwareClock(context.look)) === 'UTC'
        await byState('timezone.system', { name: given.timezone, utc }, context)
        return true
      },
    ),
    set_hwclock: changing(
      'Says what the clock of the hardware is in.',
      'timezone.set_hwclock UTC',
      { clock: needed(choice(['UTC', 'localtime']), '`UTC` or `localtime`.') },
      async (given, context) => {
        const name = await zoneOf(context.look)
        await byState('timezone.system', { name, utc: given.clock === 'UTC' }, context)
        return true
      },
    ),
  },
})
