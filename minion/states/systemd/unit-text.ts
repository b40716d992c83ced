/** The text of a unit file from fields: sections as mappings, a list says its key once for each item. */
import { isDict, isList, type Key, PyFloat, type Value } from '../../../shared/data/value.ts'
import { describeValue, Mismatch, shaped } from '../../../shared/schema/shaped.ts'

export type Setting = readonly [key: string, value: string]

export interface Section {
  readonly name: string
  readonly settings: readonly Setting[]
}

const sectionName = /^(?:X-)?[A-Za-z][A-Za-z0-9-]*$/
const settingName = /^(?:X-)?[A-Za-z][A-Za-z0-9_-]*$/

/** `{Service: {ExecStart: /bin/a, Environment: [A=1, B=2]}}`, in the order written. */
export const unitSections = shaped<readonly Section[]>({
  words: 'mapping of sections to mappings of settings',
  json: {
    type: 'object',
    additionalProperties: {
      type: 'object',
      additionalProperties: {
        anyOf: [
          { type: ['string', 'number', 'boolean', 'null'] },
          { type: 'array', items: { type: ['string', 'number', 'boolean', 'null'] } },
        ],
      },
    },
  },
  read(value) {
    if (!isDict(value) || value.size === 0)
      return new Mismatch(`a mapping of sections is expected, not ${describeValue(value)}`)
    const sections: Section[] = []
    for (const [key, settings] of value) {
      const section = readSection(String(key), settings)
      if (section instanceof Mismatch) return section
      sections.push(section)
    }
    return sections
  },
})

function readSection(name: string, given: Value): Section | Mismatch {
  if (!sectionName.test(name)) return new Mismatch(`"${name}" cannot be the name of a section`)
  if (!isDict(given))
    return new Mismatch(`${name}: a mapping of settings is expected, not ${describeValue(given)}`)
  const settings: Setting[] = []
  for (const [key, value] of given) {
    const read = readSetting(name, key, value)
    if (read instanceof Mismatch) return read
    settings.push(...read)
  }
  return { name, settings }
}

function readSetting(section: string, key: Key, value: Value): Setting[] | Mismatch {
  const name = String(key)
  if (!settingName.test(name)) return new Mismatch(`${section}: "${name}" cannot be the name of a setting`)
  const settings: Setting[] = []
  for (const item of isList(value) ? value : [value]) {
    const text = settingText(item)
    if (text === undefined)
      return new Mismatch(`${section}: ${name}: text or a list of it is expected, not ${describeValue(item)}`)
    if (/[\n\r\0]/.test(text))
      return new Mismatch(`${section}: ${name}: a line break would begin another setting`)
    // A backslash at the end would take the next line into this setting.
    if (/\\$/.test(text)) return new Mismatch(`${section}: ${name}: the value ends with a backslash`)
    settings.push([name, text])
  }
  return settings
}

/** As systemd writes them; nothing at all resets a setting that a list gathers. */
function settingText(value: Value): string | undefined {
  if (value === null) return ''
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  if (value instanceof PyFloat) return value.value.toFixed(1)
  return typeof value === 'string' ? value.trim() : undefined
}

export function unitText(sections: readonly Section[]): string {
  return sections
    .map(({ name, settings }) => `[${name}]\n${settings.map(([key, value]) => `${key}=${value}\n`).join('')}`)
    .join('\n')
}
