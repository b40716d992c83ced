/** Lists of keys as `tsalt-key` shows them, out of the data that Salt has for them: `{minions: [ids], minions_pre: …}`. */
import { isDict, isList, type Value } from '../data/value.ts'
import type { Color, Paint } from './paint.ts'
import { pythonRepr } from './python-text.ts'

export interface KeyListLook {
  readonly title: string
  /** Salt's name in data. */
  readonly field: string
  readonly heading: Color
  readonly color: Color
}

/** In the order in which they are shown. */
export const keyListLooks = [
  { title: 'Accepted Keys:', field: 'minions', heading: 'lightGreen', color: 'green' },
  { title: 'Denied Keys:', field: 'minions_denied', heading: 'lightMagenta', color: 'magenta' },
  { title: 'Unaccepted Keys:', field: 'minions_pre', heading: 'lightRed', color: 'red' },
  { title: 'Rejected Keys:', field: 'minions_rejected', heading: 'lightBlue', color: 'blue' },
  { title: 'Revoked Keys:', field: 'minions_revoked', heading: 'lightYellow', color: 'yellow' },
  { title: 'Local Keys:', field: 'local', heading: 'lightMagenta', color: 'magenta' },
] as const satisfies readonly KeyListLook[]

/** undefined where it is no mapping of such lists. @param value texts must be harmless already */
export function keyLines(value: Value, paint: Paint): string[] | undefined {
  if (!isDict(value) || value.size === 0) return undefined
  const fields: readonly unknown[] = keyListLooks.map(({ field }) => field)
  if (![...value.keys()].every((key) => fields.includes(key))) return undefined
  return keyListLooks.flatMap(({ field, title, heading, color }) => {
    const list = value.get(field)
    if (list === undefined) return []
    const lines = isDict(list)
      ? [...list].map(([id, key]) => `${paint(color, plain(id))}:  ${plain(key)}`)
      : (isList(list) ? list : [list]).map((id) => paint(color, plain(id)))
    return [paint(heading, title), ...lines]
  })
}

const plain = (value: Value): string => (typeof value === 'string' ? value : pythonRepr(value))
