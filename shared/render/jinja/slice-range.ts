/** The indices that a slice means in a sequence of some length, with Python's rules for negative and missing bounds. */
import { isInt, numberOf, PyError, type RuntimeValue } from './values.ts'

export interface Frozen {
  readonly start: RuntimeValue
  readonly stop: RuntimeValue
  readonly step: RuntimeValue
}

export function sliceRange(bounds: Frozen, length: number): { start: number; stop: number; step: number } {
  const step = indexOf(bounds.step) ?? 1
  if (step === 0) throw new PyError('ValueError', 'slice step cannot be zero')
  const lowest = step > 0 ? 0 : -1
  const highest = step > 0 ? length : length - 1
  const place = (bound: number | undefined, otherwise: number): number => {
    if (bound === undefined) return otherwise
    return Math.max(lowest, Math.min(highest, bound < 0 ? bound + length : bound))
  }
  return {
    start: place(indexOf(bounds.start), step > 0 ? lowest : highest),
    stop: place(indexOf(bounds.stop), step > 0 ? highest : lowest),
    step,
  }
}

function indexOf(value: RuntimeValue): number | undefined {
  if (value === null) return undefined
  if (!isInt(value))
    throw new PyError('TypeError', 'slice indices must be integers or None or have an __index__ method')
  return numberOf(value)
}
