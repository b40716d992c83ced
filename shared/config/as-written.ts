/** An option as it stood in its file, so that whoever reads into it can name the place of a mistake. */
import { type Plain, toValue, type Value } from '../data/value.ts'

/** Options are plain data for all that only use them; what they were read from hangs on them. */
const written = new WeakMap<object, Value>()

export function rememberWritten(option: unknown, from: Value): void {
  if (typeof option === 'object' && option !== null) written.set(option, from)
}

/** @returns the option with its places; without them where no file has it, or it is no mapping and no list */
export function asWritten(option: unknown): Value {
  const found = typeof option === 'object' && option !== null ? written.get(option) : undefined
  return found ?? toValue(option as Plain)
}
