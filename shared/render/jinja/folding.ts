/** What Jinja computes when it compiles, as far as it comes out otherwise than in the rendering (see `generate-folded.ts`). */
import { Markup, PyError, PyObject, PyRange, PyTuple, type RuntimeValue } from './values.ts'

/** Not known before the rendering. */
export function unknown(): never {
  throw new PyError('TypeError', 'this is not known before the rendering')
}

/** What Jinja has computed, unless it could not, or could not write the value into its code. */
export function folded(compute: () => RuntimeValue, render: () => RuntimeValue): RuntimeValue {
  let value: RuntimeValue
  try {
    value = compute()
  } catch (error) {
    if (!(error instanceof PyError)) throw error
    return render()
  }
  return canBeWritten(value) ? value : render()
}

/** As `folded`, for what is printed. */
export function foldedPrint(compute: () => RuntimeValue, render: () => RuntimeValue): RuntimeValue {
  try {
    return compute()
  } catch (error) {
    if (!(error instanceof PyError)) throw error
    return render()
  }
}

/** Whether it can be computed before the rendering. */
export function isComputed(compute: () => RuntimeValue): boolean {
  try {
    compute()
    return true
  } catch (error) {
    if (error instanceof PyError) return false
    throw error
  }
}

/** As `has_safe_repr` of Jinja's compiler. */
function canBeWritten(value: RuntimeValue): boolean {
  if (Array.isArray(value)) return value.every(canBeWritten)
  if (value instanceof Map) return [...value].every(([key, item]) => canBeWritten(key) && canBeWritten(item))
  if (value instanceof PyTuple) return value.values.every(canBeWritten)
  return !(value instanceof PyObject) || value instanceof Markup || value instanceof PyRange
}
