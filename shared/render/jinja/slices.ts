/** `value[start:stop:step]` */
import { type Frozen, sliceRange } from './slice-range.ts'
import { Markup, PyBytes, PyObject, PyRange, PyTuple, type RuntimeValue } from './values.ts'

/** The key of a slice. */
export class Slice extends PyObject {
  readonly type = 'slice'
  readonly bounds: Frozen
  constructor(bounds: Frozen) {
    super()
    this.bounds = bounds
  }
}

/** undefined: the value cannot be sliced. */
export function sliceValue(value: RuntimeValue, slice: Slice): RuntimeValue | undefined {
  if (typeof value === 'string') return sliceText(value, slice)
  if (Array.isArray(value)) return pick(value, slice)
  if (value instanceof PyTuple) return new PyTuple(pick(value.values, slice))
  if (value instanceof Markup) return new Markup(sliceText(value.text, slice))
  if (value instanceof PyBytes) return new PyBytes(Uint8Array.from(pick([...value.bytes], slice)))
  if (value instanceof PyRange) return sliceOfRange(value, slice)
  return undefined
}

/** A range too, of the numbers at those places. */
function sliceOfRange(range: PyRange, { bounds }: Slice): PyRange {
  const { start, step } = range
  const part = sliceRange(bounds, range.size())
  return new PyRange(start + part.start * step, start + part.stop * step, step * part.step)
}

function sliceText(text: string, slice: Slice): string {
  if (/[\uD800-\uDBFF]/.test(text)) return pick([...text], slice).join('')
  const { start, stop, step } = sliceRange(slice.bounds, text.length)
  return step === 1 ? text.slice(start, Math.max(start, stop)) : pick(text.split(''), slice).join('')
}

function pick<Item>(items: readonly Item[], { bounds }: Slice): Item[] {
  const { start, stop, step } = sliceRange(bounds, items.length)
  if (step === 1) return items.slice(start, Math.max(start, stop))
  const picked: Item[] = []
  for (let index = start; step > 0 ? index < stop : index > stop; index += step) {
    const item = items[index]
    if (item !== undefined) picked.push(item)
  }
  return picked
}
