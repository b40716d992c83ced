/** Ordered drafts with their requisites become low chunks, and declarations Salt's high data. */
import { BorrowedMarks } from '../data/marks.ts'
import { marksOf, setMarks } from '../data/provenance.ts'
import type { Dict, Value } from '../data/value.ts'
import type { Argument } from './call.ts'
import type { Declarations } from './extend.ts'
import { globalArguments, guardOptions } from './keywords.ts'
import type { LowChunk, Requisite } from './low.ts'
import type { Ordered } from './order.ts'

export function lowerChunk({ draft, order }: Ordered, requisites: readonly Requisite[]): LowChunk {
  const { declaration, call } = draft
  const guarded = draft.args.has('onlyif') || draft.args.has('unless')
  const own: Argument[] = []
  const global: Argument[] = []
  for (const argument of draft.args.values()) {
    const common = globalArguments.has(argument.name) || (guarded && guardOptions.has(argument.name))
    if (common) global.push(argument)
    else own.push(argument)
  }
  return {
    state: call.module,
    fun: draft.fun,
    name: draft.name,
    id: declaration.id,
    sls: declaration.sls,
    environment: declaration.environment,
    order,
    args: gather(own),
    globals: gather(global),
    requisites,
    place: call.place ?? declaration.place,
  }
}

/** A mapping of arguments that keeps the place of each. */
function gather(args: readonly Argument[]): Dict {
  const dict: Dict = new Map()
  const [first] = args
  if (first === undefined) return dict
  const marks = new BorrowedMarks()
  for (const { name, value, from, key } of args) {
    dict.set(name, value)
    marks.borrow(name, from, key)
  }
  if (marksOf(first.from) !== undefined) setMarks(dict, marks)
  return dict
}

/** ID → module → arguments, function and order, as state.show_highstate shows it. */
export function highData(all: Declarations): Dict {
  const high: Dict = new Map()
  for (const { id, sls, environment, calls } of all.values()) {
    const body: Dict = new Map()
    for (const { module, args, functions, auto } of calls) {
      const list: Value[] = args.map(({ name, value }) => new Map([[name, value]]))
      list.push(...functions)
      if (auto !== undefined) list.push(new Map([['order', auto]]))
      body.set(module, list)
    }
    body.set('__sls__', sls)
    body.set('__env__', environment)
    high.set(id, body)
  }
  return high
}
