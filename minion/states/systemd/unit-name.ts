/** Names of units: `app` is `app.service`, `worker@.service` a template, `worker@mail.service` an instance of it. */
import { readText } from '../../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../../shared/schema/shaped.ts'

const types = 'service|socket|timer|path|mount|automount|swap|target|slice'
const suffix = new RegExp(`\\.(?:${types})$`)
const shape = /^[A-Za-z0-9:_.\\@-]{1,240}$/

export const unitName = shaped<string>({
  words: 'name of a unit',
  json: { type: 'string' },
  read(value) {
    const name = readText(value)
    if (name === undefined || !shape.test(name) || name.startsWith('-') || name.startsWith('.'))
      return new Mismatch(`the name of a unit is expected, such as app.service, not ${describeValue(value)}`)
    const unit = suffix.test(name) ? name : `${name}.service`
    return /^\.|^@/.test(unit) ? new Mismatch(`${name} has no name before its type`) : unit
  },
})

/** Name of a drop-in, with or without `.conf`. */
export const dropinName = shaped<string>({
  words: 'name',
  json: { type: 'string' },
  read(value) {
    const name = readText(value)?.replace(/\.conf$/, '')
    return name !== undefined && /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,200}$/.test(name)
      ? name
      : new Mismatch(`a name of letters, digits, "_", "-", "." is expected, not ${describeValue(value)}`)
  },
})

/** undefined: it cannot stand between `@` and the type as it is. */
export const isInstanceName = (name: string): boolean => /^[A-Za-z0-9:_.\\-]{1,200}$/.test(name)

export const isTemplate = (unit: string): boolean => /@\.[a-z]+$/.test(unit)

export const instanceOf = (template: string, instance: string): string =>
  template.replace(/@(?=\.[a-z]+$)/, () => `@${instance}`)

/** Whether a name is one of an instance of the template. */
export function isOfTemplate(template: string, unit: string): boolean {
  const [before = '', type = ''] = template.split(/@(?=\.[a-z]+$)/)
  return unit.startsWith(`${before}@`) && unit.endsWith(type) && unit.length > before.length + 1 + type.length
}
