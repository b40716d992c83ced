/** Salt's high data: ID → module → arguments, function and order, as state.show_highstate and state.show_sls show it. */
import type { Dict, Value } from '../data/value.ts'
import type { Call } from './call.ts'
import type { ExcludeEntry, SlsDocument } from './document.ts'

/** @param documents in the order in which Salt joins them */
export function saltHigh(documents: readonly SlsDocument[]): Dict {
  const high: Dict = new Map()
  const extend: Value[] = []
  const exclude: Value[] = []
  for (const { sls, environment, declarations, extends: extensions, excludes } of documents) {
    for (const { id, calls } of declarations) high.set(id, bodyOf(calls, sls, environment))
    for (const { id, calls } of extensions) extend.push(new Map([[id, bodyOf(calls, sls, environment)]]))
    exclude.push(...excludes.map(excludeOf))
  }
  if (extend.length > 0) high.set('__extend__', extend)
  if (exclude.length > 0) high.set('__exclude__', exclude)
  return high
}

function bodyOf(calls: readonly Call[], sls: string, environment: string): Dict {
  const body: Dict = new Map()
  for (const { module, args, functions, auto } of calls) {
    const list: Value[] = args.map(({ name, value }) => new Map([[name, value]]))
    list.push(...functions)
    if (auto !== undefined) list.push(new Map([['order', auto]]))
    body.set(module, list)
  }
  return body.set('__sls__', sls).set('__env__', environment)
}

const excludeOf = ({ kind, name }: ExcludeEntry): Dict => new Map([[kind, name]])
