/** Python's set, as some filters return it. It keeps the order of insertion; Python's own is arbitrary. */
import {
  containsValue,
  dictGet,
  dictSet,
  PyObject,
  type RuntimeList,
  type RuntimeValue,
  requireHashable,
} from '../values.ts'

export class PySet extends PyObject {
  readonly type = 'set'
  private readonly members: readonly RuntimeValue[]

  /** @throws PyError TypeError where an item is not hashable */
  constructor(values: readonly RuntimeValue[]) {
    super()
    const kept = new Map<RuntimeValue, RuntimeValue>()
    const members: RuntimeList = []
    for (const value of values) {
      requireHashable(value)
      if (dictGet(kept, value) !== undefined) continue
      dictSet(kept, value, true)
      members.push(value)
    }
    this.members = members
  }

  override items(): readonly RuntimeValue[] {
    return this.members
  }

  override size(): number {
    return this.members.length
  }

  override repr(show: (value: RuntimeValue) => string): string {
    return this.members.length === 0 ? 'set()' : `{${this.members.map(show).join(', ')}}`
  }

  has(value: RuntimeValue): boolean {
    return containsValue(this, value)
  }
}
