/** When a password and an account end: fields of the shadow file, set by chage. */

import { readText } from '../../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../../shared/schema/shaped.ts'
import type { Changer } from '../../system/changer.ts'
import type { Reader } from '../../system/reader.ts'
import type { Applied } from '../contract.ts'
import { saidBy } from '../said-by.ts'

/** By Salt's names: the field of the shadow file, and the option of chage. */
const fields = {
  date: { at: 2, option: '--lastday' },
  mindays: { at: 3, option: '--mindays' },
  maxdays: { at: 4, option: '--maxdays' },
  warndays: { at: 5, option: '--warndays' },
  inactdays: { at: 6, option: '--inactive' },
  expire: { at: 7, option: '--expiredate' },
} as const
export type AgingField = keyof typeof fields
const names = Object.keys(fields) as AgingField[]

export type Aging = Readonly<Partial<Record<AgingField, number>>>

const dayLength = 86_400_000

/** Days, -1 for none; a date stands for the days from the first of 1970. */
export const days = shaped<number>({
  words: 'number of days, or a date',
  json: { type: ['integer', 'string'] },
  read(value) {
    const read = readText(value)?.trim() ?? ''
    if (/^(?:-1|\d{1,7})$/.test(read)) return Number(read)
    const date = /^\d{4}-\d\d-\d\d$/.test(read) ? Date.parse(`${read}T00:00:00Z`) : Number.NaN
    return Number.isNaN(date)
      ? new Mismatch(`a number of days (or 2030-12-31) is expected, not ${describeValue(value)}`)
      : date / dayLength
  },
})

/** What is asked for, of the arguments of a state. */
export function wantedAging(wanted: { readonly [Name in AgingField]?: number | undefined }): Aging {
  const asked = names.flatMap((name) => {
    const value = wanted[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return Object.fromEntries(asked)
}

/** Of a user that is there; a field that is empty is -1. */
export async function agingOf(user: string, look: Reader): Promise<Aging> {
  const text = (await look.files.infoFollowed('/etc/shadow'))
    ? Buffer.from(await look.files.read('/etc/shadow')).toString('utf8')
    : ''
  const line = text.split('\n').find((one) => one.startsWith(`${user}:`))
  if (line === undefined) return {}
  const words = line.split(':')
  return Object.fromEntries(
    names.map((name) => {
      const word = words[fields[name].at] ?? ''
      return [name, word === '' ? -1 : Number(word)]
    }),
  )
}

export function agingChanges(wanted: Aging, now: Aging): Aging {
  return Object.fromEntries(
    Object.entries(wanted).filter(([name, value]) => now[name as AgingField] !== value),
  )
}

/** @param before what an undo sets again; undefined: the user goes with it */
export async function setAging(
  user: string,
  changes: Aging,
  before: Aging | undefined,
  act: Changer,
): Promise<Applied | undefined> {
  const chosen = Object.keys(changes) as AgingField[]
  if (chosen.length === 0) return undefined
  const argv = (values: Aging): string[] => [
    'chage',
    ...chosen.map((name) => `${fields[name].option}=${values[name] ?? -1}`),
    user,
  ]
  const { code, stderr } = await act.commands.run(argv(changes), {
    undo: before ? [{ argv: argv(before) }] : [],
  })
  return code === 0 ? undefined : { ok: false, comment: `chage ${user} failed: ${saidBy({ code, stderr })}` }
}
