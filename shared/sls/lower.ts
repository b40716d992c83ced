/** Ordered drafts with their requisites become low chunks. */
import type { Place } from '../data/place.ts'
import { isMarkedSecret, type Marks, placeOfKey, placeOfValue, setMarks } from '../data/provenance.ts'
import type { Dict, Key } from '../data/value.ts'
import type { Argument } from './call.ts'
import { globalArguments, guardOptions } from './keywords.ts'
import type { LowChunk, Requisite } from './low.ts'
import type { Ordered } from './order.ts'

export function lowerChunk({ draft, order }: Ordered, requisites: readonly Requisite[]): LowChunk {
  const { declaration, call } = draft
  const guarded = draft.args.has('onlyif') || draft.args.has('unless')
  const args: Dict = new Map()
  const globals: Dict = new Map()
  draft.args.forEach(({ name, value }) => {
    // Salt's own keys; only low data as Salt shows it has them.
    if (name.startsWith('__')) return
    const common = globalArguments.has(name) || (guarded && guardOptions.has(name))
    if (common) globals.set(name, value)
    else args.set(name, value)
  })
  if (draft.args.size > 0) {
    const marks = new ArgumentMarks(draft.args)
    setMarks(args, marks)
    if (globals.size > 0) setMarks(globals, marks)
  }
  return {
    state: call.module,
    fun: draft.fun,
    name: draft.name,
    id: declaration.id,
    sls: declaration.sls,
    environment: declaration.environment,
    order,
    args,
    globals,
    requisites,
    place: call.place ?? declaration.place,
    namePlace: draft.namePlace,
  }
}

/** The places of arguments, asked from the lists that they were written in. */
class ArgumentMarks implements Marks {
  private readonly args: ReadonlyMap<string, Argument>

  constructor(args: ReadonlyMap<string, Argument>) {
    this.args = args
  }

  keyAt(name: Key | number): Place | undefined {
    const argument = this.find(name)
    return argument && placeOfKey(argument.from, argument.key)
  }

  valueAt(name: Key | number): Place | undefined {
    const argument = this.find(name)
    return argument && placeOfValue(argument.from, argument.key)
  }

  secretAt(name: Key | number): boolean {
    const argument = this.find(name)
    return argument !== undefined && isMarkedSecret(argument.from, argument.key)
  }

  private find(name: Key | number): Argument | undefined {
    return this.args.get(String(name))
  }
}
