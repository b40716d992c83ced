import {
  type CallContext,
  compareValues,
  equalRuntime,
  isInt,
  iterate,
  numberOf,
  PyError,
  type RuntimeList,
  type RuntimeValue,
  subtract,
  typeName,
  Undefined,
  walk,
} from '../values.ts'

export function wholeOf(value: RuntimeValue): number {
  if (!isInt(value)) {
    if (value instanceof Undefined) value.fail()
    throw new PyError('TypeError', `'${typeName(value)}' object cannot be interpreted as an integer`)
  }
  return numberOf(value) ?? 0
}

export function* batches(
  context: CallContext,
  value: RuntimeValue,
  lineCount: RuntimeValue,
  fill: RuntimeValue,
): Iterable<RuntimeValue> {
  let batch: RuntimeList = []
  for (const item of walk(value)) {
    // What is no number no length is equal to.
    if (equalRuntime(batch.length, lineCount)) {
      yield batch
      batch = []
    }
    batch.push(item)
  }
  if (batch.length === 0) return
  if (fill !== null) {
    const missing =
      (compareValues(batch.length, lineCount) ?? 0) < 0 ? wholeOf(subtract(lineCount, batch.length) ?? 0) : 0
    context.spend(missing)
    for (let index = 0; index < missing; index++) batch.push(fill)
  }
  yield batch
}

export function* slicesOf(
  context: CallContext,
  value: RuntimeValue,
  slices: RuntimeValue,
  fill: RuntimeValue,
): Iterable<RuntimeValue> {
  const items = iterate(value)
  const count = wholeOf(slices)
  context.spend(Math.max(0, count))
  if (count === 0) throw new PyError('ZeroDivisionError', 'integer division or modulo by zero')
  const size = Math.floor(items.length / count)
  const extra = items.length - size * count
  for (let index = 0, start = 0; index < count; index++) {
    const end = start + size + (index < extra ? 1 : 0)
    const part = items.slice(start, end)
    if (fill !== null && index >= extra) part.push(fill)
    yield part
    start = end
  }
}
