/** `'{}'.format(value)`: fields, conversions and format specifications, in the sandbox's form. */
import { escapeHtml } from './escape.ts'
import { formatSpec } from './format-spec.ts'
import { ascii } from './values/text.ts'
import { type CallContext, Markup, PyError, type RuntimeValue, repr, str } from './values.ts'

interface Fields {
  readonly context: CallContext
  readonly args: readonly RuntimeValue[]
  readonly kwargs: ReadonlyMap<string, RuntimeValue>
  /** undefined: not known yet whether fields are counted or numbered. */
  counted: boolean | undefined
  next: number
  /** The format is marked as safe: what is not is escaped. */
  readonly safe: boolean
}

export function formatText(
  context: CallContext,
  text: string,
  args: readonly RuntimeValue[],
  kwargs: ReadonlyMap<string, RuntimeValue>,
  safe = false,
): string {
  return expand({ context, args, kwargs, counted: undefined, next: 0, safe }, text, 2)
}

interface Field {
  readonly first: string
  /** undefined: what follows the name is no way into the value. */
  readonly steps: readonly RegExpExecArray[] | undefined
  readonly conversion: string | undefined
  readonly spec: string
}

type Part = string | Field | PyError

const known = new Map<string, readonly Part[]>()
const mostKnown = 200

/** The parts of a format, kept: templates use the same few again and again. */
function partsOf(text: string): readonly Part[] {
  const found = known.get(text)
  if (found !== undefined) return found
  const made = split(text)
  if (known.size >= mostKnown) known.clear()
  if (text.length <= mostKnown) known.set(text, made)
  return made
}

/** What is wrong is a part too: fields before it are looked up first. */
function split(text: string): Part[] {
  const made: Part[] = []
  let plain = ''
  for (let at = 0; at < text.length; ) {
    const character = text[at] ?? ''
    if (character !== '{' && character !== '}') {
      plain += character
      at += 1
    } else if (text[at + 1] === character) {
      plain += character
      at += 2
    } else {
      made.push(plain)
      plain = ''
      const end = character === '}' ? undefined : fieldEnd(text, at)
      if (typeof end !== 'number') {
        made.push(end ?? new PyError('ValueError', "Single '}' encountered in format string"))
        return made
      }
      made.push(fieldOf(text.slice(at + 1, end)))
      at = end + 1
    }
  }
  made.push(plain)
  return made
}

function expand(fields: Fields, text: string, depth: number): string {
  if (depth < 0) throw new PyError('ValueError', 'Max string recursion exceeded')
  let made = ''
  for (const part of partsOf(text)) {
    if (typeof part === 'string') made += part
    else if (part instanceof PyError) throw new PyError(part.kind, part.message)
    else made += shown(fields, part, depth)
  }
  return made
}

function fieldEnd(text: string, start: number): number | PyError {
  let open = 0
  for (let at = start; at < text.length; at++) {
    if (text[at] === '{') open += 1
    else if (text[at] === '}') {
      open -= 1
      if (open === 0) return at
    }
  }
  return new PyError(
    'ValueError',
    start === text.length - 1
      ? "Single '{' encountered in format string"
      : "expected '}' before end of string",
  )
}

const parts = /^((?:[^!:[\]]|\[[^\]]*\])*)(?:!([^:]*))?(?::([\s\S]*))?$/

function fieldOf(text: string): Field | PyError {
  const match = parts.exec(text)
  if (match === null) return new PyError('ValueError', "expected '}' before end of string")
  const [, name = '', conversion, spec = ''] = match
  const first = /^[^.[]*/.exec(name)?.[0] ?? ''
  const rest = name.slice(first.length)
  const steps = [...rest.matchAll(/\.([^.[]+)|\[([^\]]+)\]/g)]
  const isWhole = steps.reduce((length, [step]) => length + step.length, 0) === rest.length
  return { first, steps: isWhole ? steps : undefined, conversion, spec }
}

function shown(fields: Fields, field: Field, depth: number): string {
  let value = lookUp(fields, field)
  if (field.conversion !== undefined) value = converted(value, field.conversion)
  const spec = field.spec === '' ? '' : expand(fields, field.spec, depth - 1)
  if (!fields.safe) return formatSpec(value, spec)
  if (!(value instanceof Markup)) return escapeHtml(formatSpec(value, spec))
  if (spec !== '') throw new PyError('ValueError', `Format specifier ${spec} given, but Markup takes none.`)
  return value.text
}

function converted(value: RuntimeValue, conversion: string): string {
  if (conversion === 's') return str(value)
  if (conversion === 'r') return repr(value)
  if (conversion === 'a') return ascii(value)
  throw new PyError('ValueError', `Unknown conversion specifier '${conversion}'`)
}

function lookUp(fields: Fields, { first, steps }: Field): RuntimeValue {
  let value = firstValue(fields, first)
  if (steps === undefined) throw new PyError('ValueError', 'Empty attribute in format string')
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
