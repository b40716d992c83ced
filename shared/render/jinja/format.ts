/** `'{}'.format(value)`: fields, conversions and format specifications, in the sandbox's form. */
import { formatSpec } from './format-spec.ts'
import { type CallContext, PyError, type RuntimeValue, repr, str } from './values.ts'

interface Fields {
  readonly context: CallContext
  readonly args: readonly RuntimeValue[]
  readonly kwargs: ReadonlyMap<string, RuntimeValue>
  /** undefined: not known yet whether fields are counted or numbered. */
  counted: boolean | undefined
  next: number
}

export function formatText(
  context: CallContext,
  text: string,
  args: readonly RuntimeValue[],
  kwargs: ReadonlyMap<string, RuntimeValue>,
): string {
  return expand({ context, args, kwargs, counted: undefined, next: 0 }, text, 2)
}

function expand(fields: Fields, text: string, depth: number): string {
  if (depth < 0) throw new PyError('ValueError', 'Max string recursion exceeded')
  let made = ''
  for (let at = 0; at < text.length; ) {
    const character = text[at] ?? ''
    if (character !== '{' && character !== '}') {
      made += character
      at += 1
    } else if (text[at + 1] === character) {
      made += character
      at += 2
    } else if (character === '}') throw new PyError('ValueError', "Single '}' encountered in format string")
    else {
      const end = fieldEnd(text, at)
      made += field(fields, text.slice(at + 1, end), depth)
      at = end + 1
    }
  }
  return made
}

function fieldEnd(text: string, start: number): number {
  let open = 0
  for (let at = start; at < text.length; at++) {
    if (text[at] === '{') open += 1
    else if (text[at] === '}') {
      open -= 1
      if (open === 0) return at
    }
  }
  throw new PyError(
    'ValueError',
    start === text.length - 1
      ? "Single '{' encountered in format string"
      : "expected '}' before end of string",
  )
}

const parts = /^((?:[^!:[\]]|\[[^\]]*\])*)(?:!([^:]*))?(?::([\s\S]*))?$/

function field(fields: Fields, text: string, depth: number): string {
  const match = parts.exec(text)
  if (match === null) throw new PyError('ValueError', "expected '}' before end of string")
  const [, name = '', conversion, spec = ''] = match
  let value = lookUp(fields, name)
  if (conversion !== undefined) value = converted(value, conversion)
  return formatSpec(value, expand(fields, spec, depth - 1))
}

function converted(value: RuntimeValue, conversion: string): string {
  if (conversion === 's') return str(value)
  if (conversion === 'r' || conversion === 'a') return repr(value)
  throw new PyError('ValueError', `Unknown conversion specifier '${conversion}'`)
}

function lookUp(fields: Fields, name: string): RuntimeValue {
  const first = /^[^.[]*/.exec(name)?.[0] ?? ''
  let value = firstValue(fields, first)
  const rest = name.slice(first.length)
  const steps = [...rest.matchAll(/\.([^.[]+)|\[([^\]]+)\]/g)]
  if (steps.reduce((length, [step]) => length + step.length, 0) !== rest.length)
    throw new PyError('ValueError', 'Empty attribute in format string')
  for (const [, attribute, item] of steps) {
    if (attribute !== undefined) value = fields.context.attribute(value, attribute)
    else
      value = fields.context.item(
        value,
        item !== undefined && /^\d+$/.test(item) ? Number(item) : (item ?? ''),
      )
  }
  return value
}

function firstValue(fields: Fields, name: string): RuntimeValue {
  if (name !== '' && !/^\d+$/.test(name)) {
    const found = fields.kwargs.get(name)
    if (found === undefined) throw new PyError('KeyError', repr(name))
    return found
  }
  const counted = name === ''
  if (fields.counted !== undefined && fields.counted !== counted)
    throw new PyError(
      'ValueError',
      counted
        ? 'cannot switch from manual field specification to automatic field numbering'
        : 'cannot switch from automatic field numbering to manual field specification',
    )
  fields.counted = counted
  const value = fields.args[counted ? fields.next++ : Number(name)]
  if (value === undefined)
    throw new PyError(
      'IndexError',
      `Replacement index ${counted ? fields.next - 1 : name} out of range for positional args tuple`,
    )
  return value
}
