/** Values as block YAML and as JSON text, in the order of their keys; `loadYaml` reads both back as they were. */
import { type Dict, isDict, isList, PyFloat, type Scalar, type Value } from '../data/value.ts'
import { resolvePlain } from './yaml-scalars.ts'

/** Text that YAML reads as itself without quotes. */
const plainText = /^[A-Za-z0-9_./$(][\w ./$()+@%^*;<>~-]*$/

/** Block YAML without a newline at its end; scalars alone are one line. */
export function dumpYaml(value: Value): string {
  return block(value, '').trimStart()
}

function block(value: Value, margin: string): string {
  if (isDict(value) && value.size > 0) {
    return [...value].map(([key, item]) => `\n${margin}${scalarText(key)}:${below(item, margin)}`).join('')
  }
  if (isList(value) && value.length > 0)
    return value.map((item) => `\n${margin}- ${block(item, `${margin}  `).trimStart()}`).join('')
  if (isDict(value)) return ' {}'
  if (isList(value)) return ' []'
  return ` ${scalarText(value)}`
}

function below(item: Value, margin: string): string {
  // A list under a key keeps the column of the key, as Salt users write it.
  return block(item, isList(item) ? margin : `${margin}  `)
}

export function scalarText(value: Scalar): string {
  if (typeof value === 'string') return stringText(value)
  if (typeof value === 'number' && !Number.isFinite(value))
    return Number.isNaN(value) ? '.nan' : value > 0 ? '.inf' : '-.inf'
  if (typeof value === 'number' || value instanceof PyFloat) return numberText(value)
  return String(value)
}

function numberText(value: number | PyFloat): string {
  const number = value instanceof PyFloat ? value.value : value
  if (!(value instanceof PyFloat) && Number.isInteger(number)) return String(number)
  const text = Object.is(number, -0) ? '-0' : String(number)
  // YAML 1.1 floats need a point and a signed exponent.
  const [mantissa = '', exponent] = text.split('e')
  const point = mantissa.includes('.') ? mantissa : `${mantissa}.0`
  return exponent === undefined ? point : `${point}e${/^[-+]/.test(exponent) ? '' : '+'}${exponent}`
}

function stringText(text: string): string {
  const plain = plainText.test(text) && !text.endsWith(' ') && resolvePlain(text) === text
  return plain ? text : quote(text)
}

/** JSON strings are YAML's double-quoted ones, but for the characters that YAML does not let stand bare. */
function quote(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** @param indent spaces for each level; 0: one line */
export function dumpJson(value: Value, indent = 0): string {
  return json(value, indent, '')
}

function json(value: Value, indent: number, margin: string): string {
  if (isList(value))
    return wrap(
      '[',
      ']',
      value.map((item) => json(item, indent, margin + ' '.repeat(indent))),
    )
  if (isDict(value)) return wrap('{', '}', members(value))
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number' && !Number.isFinite(value)) return 'null'
  return typeof value === 'number' || value instanceof PyFloat ? numberText(value) : String(value)

  function members(dict: Dict): string[] {
    const inner = margin + ' '.repeat(indent)
    return [...dict].map(([key, item]) => `${JSON.stringify(String(key))}: ${json(item, indent, inner)}`)
  }

  function wrap(left: string, right: string, items: string[]): string {
    if (items.length === 0) return left + right
    if (indent === 0) return left + items.join(', ') + right
    const inner = margin + ' '.repeat(indent)
    return `${left}\n${items.map((item) => inner + item).join(',\n')}\n${margin}${right}`
  }
}
