/** cron.env_present and cron.env_absent: a variable that the jobs of a crontab get. */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { accountName, readText, text } from '../../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../../shared/schema/shaped.ts'
import { drift, inSync, stateFunction } from '../contract.ts'
import { openCrontab, saveCrontab } from './crontab-file.ts'

const variableName = shaped<string>({
  words: 'name of a variable',
  json: { type: 'string', pattern: '^[A-Za-z_]\\w*$' },
  read(value) {
    const read = readText(value)
    return read !== undefined && /^[A-Za-z_]\w*$/.test(read)
      ? read
      : new Mismatch(`the name of a variable is expected, not ${describeValue(value)}`)
  },
})
const name = needed(variableName, 'The variable.')
const user = defaulted(accountName, 'root', 'Whose crontab it is.')

export const envPresent = stateFunction({
  summary: "Makes sure that a variable stands in a user's crontab.",
  args: v.strictObject({ name, user, value: optional(text, 'Its value; not given: empty.') }),
  examples: ['MAILTO:\n  cron.env_present:\n    - value: ops@example.org\n'],
  refuse: ({ value }) =>
    value !== undefined && /[\r\n]/.test(value)
      ? { argument: 'value', reason: 'it has one line' }
      : undefined,
  async check(wanted, look, run) {
    const crontab = await openCrontab(wanted.user, look, run)
    if (crontab.kind !== 'crontab') return crontab
    const value = wanted.value ?? ''
    const now = crontab.table.environment.get(wanted.name)
    if (now !== undefined && (now === value || now === `"${value}"`))
      return inSync(`Cron env ${wanted.name} already present`)
    const environment = new Map(crontab.table.environment).set(wanted.name, value)
    const done = now === undefined ? `added to ${wanted.user}'s crontab` : 'updated'
    const comments = {
      would: `Cron env ${wanted.name} is set to be ${now === undefined ? 'added' : 'updated'}`,
      done: `Cron env ${wanted.name} ${done}`,
    }
    return drift({ [wanted.user]: wanted.name }, comments, (act) =>
      saveCrontab(wanted.user, crontab, { ...crontab.table, environment }, act),
    )
  },
})

export const envAbsent = stateFunction({
  summary: "Makes sure that a variable does not stand in a user's crontab.",
  args: v.strictObject({ name, user }),
  examples: ['MAILTO:\n  cron.env_absent: []\n'],
  async check(wanted, look, run) {
    const crontab = await openCrontab(wanted.user, look, run)
    const already = inSync(`Cron env ${wanted.name} already absent`)
    if (crontab.kind !== 'crontab') return crontab.kind === 'failed' ? already : crontab
    if (!crontab.table.environment.has(wanted.name)) return already
    const environment = new Map(crontab.table.environment)
    environment.delete(wanted.name)
    const comments = {
      would: `Cron env ${wanted.name} is set to be removed`,
      done: `Cron env ${wanted.name} removed from ${wanted.user}'s crontab`,
    }
    return drift({ [wanted.user]: wanted.name }, comments, (act) =>
      saveCrontab(wanted.user, crontab, { ...crontab.table, environment }, act),
    )
  },
})
