/** The full name of a user and what is kept with it, separated by commas in one field of the passwd file. */
import { given } from '../given.ts'
import type { PresentArguments } from './present-arguments.ts'

const parts = ['fullname', 'roomnumber', 'workphone', 'homephone', 'other'] as const
type Part = (typeof parts)[number]

/** The whole field as it should be; undefined: it is so already, or nobody asked. `adduser` leaves commas at its end. */
export function fullNameField(wanted: PresentArguments, now: string): string | undefined {
  if (Object.keys(fullNameChanges(wanted, now)).length === 0) return undefined
  const current = now.split(',')
  return parts
    .map((part, index) => wanted[part] ?? current[index] ?? '')
    .join(',')
    .replace(/,+$/, '')
}

/** The parts that change, by the names of their arguments. */
export function fullNameChanges(wanted: PresentArguments, now: string): Partial<Record<Part, string>> {
  const current = now.split(',')
  const changes = parts.map((part, index) => {
    const wish = wanted[part]
    return [part, wish === (current[index] ?? '') ? undefined : wish] as const
  })
  return given(Object.fromEntries(changes))
}
