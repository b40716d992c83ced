/** Execution functions that states name in slots and guards: a mistake there is refused before anything runs. */
import { nearest } from '../../shared/data/nearest.ts'
import type { Place } from '../../shared/data/place.ts'
import { placeOfValue } from '../../shared/data/provenance.ts'
import { isDict, isList, type Value } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { holdsSlot, parseSlot, slotsIn } from '../../shared/run/slot.ts'
import type { LowChunk } from '../../shared/sls/low.ts'

interface FunctionNames {
  names(): readonly string[]
  find(name: string): unknown
}

export function functionMistakes(chunks: readonly LowChunk[], functions: FunctionNames): TsaltError[] {
  const errors: TsaltError[] = []
  const check = (fun: string, place: Place | undefined): void => {
    if (functions.find(fun) !== undefined) return
    const near = nearest(fun, functions.names())
    const hint =
      near === undefined ? '"tsalt MINION sys.list_functions" lists them.' : `Did you mean "${near}"?`
    errors.push(new TsaltError('function-unknown', { fun }, { place, hint }))
  }
  const checkSlots = (value: Value, place: Place | undefined): void => {
    if (!holdsSlot(value)) return
    for (const { text } of slotsIn(value)) {
      const slot = parseSlot(text)
      if (typeof slot === 'string')
        errors.push(new TsaltError('slot-invalid', { slot: text, reason: slot }, { place }))
      else check(slot.fun, place)
    }
  }
  for (const chunk of chunks) {
    checkSlots(chunk.name, chunk.namePlace ?? chunk.place)
    for (const [key, value] of chunk.args) checkSlots(value, placeOfValue(chunk.args, key) ?? chunk.place)
    for (const guard of ['onlyif', 'unless']) {
      const written = chunk.globals.get(guard) ?? null
      const place = placeOfValue(chunk.globals, guard) ?? chunk.place
      for (const item of isList(written) ? written : [written]) {
        if (!isDict(item)) continue
        if (item.has('fun')) check(String(item.get('fun')), place)
        else errors.push(new TsaltError('guard-invalid', { guard, id: chunk.id }, { place }))
        for (const value of item.values()) checkSlots(value, place)
      }
    }
  }
  return errors
}
