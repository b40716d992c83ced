/** What `state.show_top`, `show_highstate` and `show_lowstate` answer: the compiler's data in Salt's shapes. */
import { type Plain, toValue, type Value } from '../../shared/data/value.ts'
import type { Compiled } from '../../shared/sls/compiled.ts'
import type { LowChunk } from '../../shared/sls/low.ts'

export function topOf(compiled: Compiled): Plain {
  return new Map([...compiled.top].map(([environment, names]) => [environment, [...names] as Value]))
}

export function highOf(compiled: Compiled): Plain {
  return compiled.high
}

export function lowOf(compiled: Compiled): Plain {
  return compiled.chunks.map(lowChunk)
}

function lowChunk(chunk: LowChunk): Plain {
  const requisites = new Map<string, Plain[]>()
  for (const { kind, state, reference } of chunk.requisites) {
    const written: Plain = state === undefined ? reference : { [state]: reference }
    requisites.set(kind, [...(requisites.get(kind) ?? []), written])
  }
  return new Map<string, Value>([
    ...[...chunk.args, ...chunk.globals].map(([key, value]): [string, Value] => [String(key), value]),
    ...[...requisites].map(([kind, list]): [string, Value] => [kind, toValue(list)]),
    ['state', chunk.state],
    ['name', chunk.name],
    ['__sls__', chunk.sls],
    ['__env__', chunk.environment],
    ['__id__', chunk.id],
    ['order', chunk.order],
    ['fun', chunk.fun],
  ])
}
