/** `str.translate`: characters by their numbers. */
import { PyError, type RuntimeValue, textOf, typeName } from '../values.ts'

export function translate(text: string, table: RuntimeValue): string {
  if (!(table instanceof Map))
    throw new PyError('TypeError', `'${typeName(table)}' object is not subscriptable`)
  return [...text]
    .map((character) => {
      const to = table.get(character.codePointAt(0) ?? 0)
      if (to === undefined) return character
      if (to === null) return ''
      return typeof to === 'number' ? String.fromCodePoint(to) : textIn(to)
    })
    .join('')
}

function textIn(value: RuntimeValue): string {
  const text = textOf(value)
  if (text !== undefined) return text
  throw new PyError('TypeError', 'character mapping must return integer, None or str')
}
