/** timezone.system: the time zone of the machine. */
import * as v from 'valibot'
import { defaulted, needed } from '../../shared/schema/argument.ts'
import { flag, readText } from '../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../shared/schema/shaped.ts'
import { drift, failed, inSync, stateFunction, stateModule, unknown } from './contract.ts'
import { readTextFile, writeTextFile } from './text-file.ts'

const zones = '/usr/share/zoneinfo'

const zone = shaped<string>({
  words: 'time zone',
  json: { type: 'string' },
  read(value) {
    const read = readText(value)
    return read !== undefined && /^[A-Za-z0-9_+-]+(?:\/[A-Za-z0-9_+-]+){0,2}$/.test(read)
      ? read
      : new Mismatch(`a time zone such as Europe/Berlin is expected, not ${describeValue(value)}`)
  },
})

const system = stateFunction({
  summary: 'Makes sure that the machine is in a time zone.',
  args: v.strictObject({
    name: needed(zone, 'The zone: `Europe/Berlin`.'),
    utc: defaulted(flag, true, 'The clock of the hardware is in UTC; False: in local time.'),
  }),
  examples: ['Europe/Berlin:\n  timezone.system:\n    - utc: True\n'],
  async check({ name, utc }, look, run) {
    const path = `${zones}/${name}`
    if ((await look.files.infoFollowed(path))?.type !== 'file') {
      if (run.test && run.predicted.some(({ state }) => state === 'pkg'))
        return unknown(`there is no time zone ${name} yet; a package may bring it`)
      return failed(
        `There is no time zone ${name} on this machine`,
        'Correct the name, or install the package tzdata.',
      )
    }
    const link = await look.files.info('/etc/localtime')
    const named = await readTextFile('/etc/timezone', look)
    const clock = await readTextFile('/etc/adjtime', look)
    if (named.kind !== 'text') return named
    if (clock.kind !== 'text') return clock
    const linked = link?.type === 'symlink' && (link.target ?? '').replace(/^.*?\/zoneinfo\//, '') === name
    // Only Debian keeps the name in a file of its own; where there is one, it has to say the same.
    const isNamed =
      (named.info === undefined && look.grains.get('os_family') !== 'Debian') || named.text.trim() === name
    const isLocal = clock.text.split('\n')[2]?.trim() === 'LOCAL'
    const changes = { ...(!(linked && isNamed) && { timezone: name }), ...(isLocal === utc && { utc }) }
    if (Object.keys(changes).length === 0) return inSync(`Timezone ${name} already set`)
    const comments = { would: `Timezone ${name} needs to be set`, done: `Set timezone ${name}` }
    return drift(changes, comments, async (act) => {
      if (!linked) await act.files.symlink('/etc/localtime', path)
      if (!isNamed) await writeTextFile(named, `${name}\n`, act, { mode: 0o644 })
      const [drifted = '0.0 0 0.0', adjusted = '0'] = clock.text.split('\n')
      if (isLocal === utc)
        await writeTextFile(
          clock,
          `${drifted || '0.0 0 0.0'}\n${adjusted}\n${utc ? 'UTC' : 'LOCAL'}\n`,
          act,
          { mode: 0o644 },
        )
    })
  },
})

export const timezone = stateModule({ summary: 'The time zone of the machine.', functions: { system } })
