/** `object.name` and `object[key]`: methods and attributes from a list, then items; nothing else can be reached. */
import { nearest } from '../../data/nearest.ts'
import { methodNames, methodOf } from './methods/methods.ts'
import { positiveValue } from './operators.ts'
import { Slice, sliceValue } from './slices.ts'
import {
  type CallContext,
  dictGet,
  floatOf,
  isHashable,
  isInt,
  isNumber,
  iterate,
  Markup,
  numberOf,
  PyBytes,
  PyCallable,
  PyError,
  PyObject,
  PyRange,
  PyTuple,
  type RuntimeValue,
  repr,
  textOf,
  typeName,
  Undefined,
} from './values.ts'

/** `object.name` */
export function getAttribute(context: CallContext, object: RuntimeValue, name: string): RuntimeValue {
  if (object instanceof Map && !methodNames.has(name)) {
    const found = object.get(name)
    return found === undefined ? missing(context, object, name) : found
  }
  const attribute = plainAttribute(object, name)
  if (attribute !== undefined) return attribute
  if (
    name.startsWith('_') &&
    !(object instanceof PyObject && object.names().includes(name)) &&
    !(object instanceof Map && object.has(name))
  ) {
    if (object instanceof Undefined) return ownNames.has(name) ? unsafe(context, object, name) : object.fail()
    if (name.startsWith('__')) return unsafe(context, object, name)
  }
  if (object instanceof Undefined) object.fail()
  const item = getItemOnly(object, name)
  return item === undefined ? missing(context, object, name) : item
}

const plainNames =
  'class delattr dir doc eq format ge getattribute getstate gt hash init init_subclass le lt module ne new reduce reduce_ex repr setattr sizeof str subclasshook add aiter bool call complex div float floordiv getattr getitem int iter len mod mul neg pos pow radd rdiv rfloordiv rmod rmul rpow rsub rtruediv sub truediv'
/** Names that an undefined has in Python: they are unsafe, which is another undefined; all others fail at once. */
const ownNames: ReadonlySet<string> = new Set([
  ...plainNames.split(' ').map((name) => `__${name}__`),
  '_fail_with_undefined_error',
  ...['exception', 'hint', 'message', 'name', 'obj'].map((name) => `_undefined_${name}`),
])

function unsafe(context: CallContext, object: RuntimeValue, name: string): RuntimeValue {
  return context.undefined(`access to attribute '${name}' of '${typeName(object)}' object is unsafe.`)
}

/** Attributes and methods; undefined: none of this name. */
function plainAttribute(object: RuntimeValue, name: string): RuntimeValue | undefined {
  if (object instanceof PyObject && !(object instanceof Undefined)) {
    const own = object.attribute(name)
    if (own !== undefined) return own
  }
  const part = isNumber(object) ? numberPart(object, name) : undefined
  if (part !== undefined) return part
  const method = methodOf(object, name)
  if (method === undefined) return undefined
  return new PyCallable(
    name,
    (context, args, kwargs) => method(context, object, args, kwargs),
    `built-in method ${name} of ${typeName(object)} object`,
  )
}

function numberPart(value: RuntimeValue, name: string): RuntimeValue | undefined {
  const isWhole = isInt(value)
  if (name === 'real' || (isWhole && name === 'numerator')) return positiveValue(value)
  if (name === 'imag') return isWhole ? 0 : floatOf(0)
  return isWhole && name === 'denominator' ? 1 : undefined
}

/** `object[key]` */
export function getItem(context: CallContext, object: RuntimeValue, key: RuntimeValue): RuntimeValue {
  if (typeof key === 'string') {
    const found = object instanceof Map ? object.get(key) : undefined
    if (found !== undefined) return found
  }
  if (object instanceof Undefined) object.fail()
  if (key instanceof Slice) return slicedOf(object, key)
  const item = getItemOnly(object, key)
  if (item !== undefined) return item
  const name = textOf(key)
  const attribute = name === undefined || name.startsWith('_') ? undefined : plainAttribute(object, name)
  return attribute === undefined ? missing(context, object, key) : attribute
}

/** undefined: there is no such item. */
function getItemOnly(object: RuntimeValue, key: RuntimeValue): RuntimeValue | undefined {
  if (key instanceof Undefined && key.strict && !(object instanceof Map)) return undefined
  if (object instanceof Map) return isHashable(key) ? dictGet(object, key) : undefined
  if (isInt(key)) return itemAt(object, numberOf(key) ?? 0)
  return object instanceof PyObject ? object.item(key) : undefined
}

/** A slice that Jinja takes when it compiles: what cannot be sliced is undefined then. */
export function sliceOfConstant(context: CallContext, object: RuntimeValue, key: RuntimeValue): RuntimeValue {
  if (object instanceof Undefined) object.fail()
  try {
    const part = key instanceof Slice ? sliceValue(object, key) : undefined
    return part === undefined ? missing(context, object, key) : part
  } catch (error) {
    if (error instanceof PyError && error.kind === 'TypeError') return missing(context, object, key)
    throw error
  }
}

/** What cannot be sliced is an error, not an undefined. */
function slicedOf(object: RuntimeValue, key: Slice): RuntimeValue {
  const part = sliceValue(object, key)
  if (part !== undefined) return part
  if (object instanceof Map) throw new PyError('TypeError', "unhashable type: 'slice'")
  throw new PyError('TypeError', `'${typeName(object)}' object is not subscriptable`)
}

function itemAt(object: RuntimeValue, index: number): RuntimeValue | undefined {
  if (Array.isArray(object)) return object.at(index)
  if (object instanceof PyTuple) return object.values.at(index)
  const text = textOf(object)
  if (text !== undefined) {
    const character = /[\uD800-\uDBFF]/.test(text) ? [...text].at(index) : text.at(index)
    return character !== undefined && object instanceof Markup ? new Markup(character) : character
  }
  if (object instanceof PyBytes) return object.bytes.at(index)
  if (object instanceof PyRange) return object.item(index)
  return object instanceof PyObject ? object.item(index) : undefined
}

/** In Jinja's words, with what may have been meant. */
function missing(context: CallContext, object: RuntimeValue, key: RuntimeValue): RuntimeValue {
  return context.undefined(
    () => missingText(object, key),
    () => {
      const name = textOf(key)
      return name === undefined ? undefined : suggestion(object, name)
    },
  )
}

function missingText(object: RuntimeValue, key: RuntimeValue): string {
  const name = textOf(key)
  const kind = object === null ? 'None' : object instanceof Map ? 'dict object' : `${typeName(object)} object`
  if (name === undefined) return `${kind} has no element ${safeRepr(key)}`
  return object === null
    ? `'None' has no attribute '${name}'`
    : `'${describeObject(object, kind)}' has no attribute '${name}'`
}

function describeObject(object: RuntimeValue, kind: string): string {
  return object instanceof PyObject && object.repr(repr).startsWith('<TemplateModule')
    ? 'TemplateModule object'
    : kind
}

function safeRepr(key: RuntimeValue): string {
  return key instanceof Undefined ? 'Undefined' : repr(key)
}

/** Methods that dicts had in Python 2; Salt 3006 has Python 3. */
const formerMethods: ReadonlyMap<string, string> = new Map([
  ['iteritems', '".items()"'],
  ['itervalues', '".values()"'],
  ['iterkeys', '".keys()"'],
  ['has_key', '"KEY in DICT"'],
])

function suggestion(object: RuntimeValue, name: string): string | undefined {
  const now = object instanceof Map ? formerMethods.get(name) : undefined
  if (now !== undefined) return `That was Python 2, as in old Salt: write ${now}.`
  const candidates =
    object instanceof Map
      ? iterate(object).filter((key) => typeof key === 'string')
      : object instanceof PyObject
        ? object.names()
        : []
  if (candidates.length > 2_000) return undefined
  const near = nearest(name, candidates)
  return near === undefined || near === name ? undefined : `Did you mean "${near}"?`
}

/** `namespace.name = value` */
export function failAssign(): never {
  throw new PyError(
    'TemplateRuntimeError',
    'cannot assign attribute on non-namespace object',
    'Only members of namespace(…) can be set.',
  )
}
