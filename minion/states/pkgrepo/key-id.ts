/** Ids of keys: 8, 16 or 40 hexadecimal digits, with or without 0x and blanks. */
import { isList } from '../../../shared/data/value.ts'
import { readText } from '../../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../../shared/schema/shaped.ts'

export const keyDigits = (id: string): string => id.replace(/\s+/g, '').replace(/^0x/i, '').toUpperCase()

export const keyIds = shaped<string[]>({
  words: 'id of a key, or list of ids',
  json: {
    anyOf: [{ type: ['string', 'integer'] }, { type: 'array', items: { type: ['string', 'integer'] } }],
  },
  read(value) {
    const items = isList(value) ? value : [value]
    const ids = items.flatMap((item) => (readText(item) ?? '?').split(',')).map((id) => id.trim())
    const wrong = ids.find((id) => !/^(?:[0-9A-F]{8}|[0-9A-F]{16}|[0-9A-F]{40})$/.test(keyDigits(id)))
    return wrong === undefined
      ? ids
      : new Mismatch(`8, 16 or 40 hexadecimal digits are expected, not ${describeValue(wrong)}`)
  },
})
