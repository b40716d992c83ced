/** How several functions came out, in the form in which Salt tells it: mappings under the names of their returns. */
import type { CallVerdict } from '../../shared/protocol/messages/job-return.ts'
import { returnKeys } from '../../shared/several-functions.ts'

export interface SaltVerdicts {
  readonly retcode: ReadonlyMap<string, number>
  readonly success: ReadonlyMap<string, boolean>
}

export function saltVerdicts(calls: readonly CallVerdict[]): SaltVerdicts {
  const keys = returnKeys(calls.map(({ fun }) => fun))
  const named = <Item>(item: (call: CallVerdict) => Item): ReadonlyMap<string, Item> =>
    new Map(calls.map((call, index) => [keys[index] ?? call.fun, item(call)]))
  return { retcode: named(({ retcode }) => retcode), success: named(({ success }) => success) }
}
