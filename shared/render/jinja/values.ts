/** The values of Jinja's runtime: those of YAML, and what Python has beside them. The door for filters and tests. */
import type { PyFloat } from '../../data/value.ts'
import type { PyObject } from './values/objects.ts'

export { PyFloat } from '../../data/value.ts'
export {
  bindParameters,
  bindTo,
  type CallContext,
  defineFilter,
  defineTest,
  type FilterFunction,
  type HandlerOf,
  type Parameter,
  type Ports,
  type Registry,
  type SaltPort,
  type Signature,
  signatureOf,
} from './values/calls.ts'
export {
  dictDelete,
  dictGet,
  dictHas,
  dictKey,
  dictSet,
  isHashable,
  requireHashable,
} from './values/dicts.ts'
export { compareAsItems, compareValues, containsValue, equalRuntime, sortValues } from './values/equality.ts'
export { PyError, type PyErrorKind } from './values/errors.ts'
export { iterate, lengthOf, sequenceOf, walk } from './values/iterate.ts'
export {
  copyOfDict,
  forEachPair,
  forgetKey,
  forgetKeys,
  keysOf,
  pairsOfDict,
  restoreDict,
} from './values/marked-keys.ts'
export {
  add,
  divide,
  floatOf,
  floorDivide,
  intOf,
  isFloat,
  isInt,
  isNumber,
  modulo,
  multiply,
  negate,
  numberOf,
  power,
  subtract,
} from './values/numbers.ts'
export {
  DictView,
  type LazyHint,
  type LazyText,
  Markup,
  Namespace,
  PyBytes,
  PyCallable,
  PyIterator,
  PyObject,
  PyRange,
  PyTuple,
  Undefined,
} from './values/objects.ts'
export { repr, str, textOf } from './values/text.ts'
export { given, truthy, typeName } from './values/truth.ts'

/**
 * `number` holds ints up to 2^53 and floats with a fraction (and inf, nan); PyFloat floats without one; bigint the
 * larger ints. Lists are arrays, dicts Maps; everything else of Python is a PyObject.
 */
export type RuntimeValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | PyFloat
  | PyObject
  | RuntimeList
  | RuntimeDict
export interface RuntimeList extends Array<RuntimeValue> {}
/** Keys are hashable values in the form that `dictKey` gives; use the functions of values/dicts.ts. */
export interface RuntimeDict extends Map<RuntimeValue, RuntimeValue> {}
