/** What `state.show_top`, `show_highstate` and `show_lowstate` answer: the compiler's data in Salt's shapes. */
import type { Plain, Value } from '../../shared/data/value.ts'
import type { Compiled } from '../../shared/sls/compiled.ts'

export function topOf(compiled: Compiled): Plain {
  return new Map([...compiled.top].map(([environment, names]) => [environment, [...names] as Value]))
}

export function highOf(compiled: Compiled): Plain {
  return compiled.high()
}

export function lowOf(compiled: Compiled): Plain {
  return [...compiled.low()]
}
