/** What a job returned, function by function. */
import type { Json } from '../../shared/data/codec.ts'
import type { CallVerdict } from '../../shared/protocol/messages/job-return.ts'
import { returnKeys } from '../../shared/several-functions.ts'

export interface ReturnPart {
  readonly format: CallVerdict['format']
  readonly ret: Json
}

/** One for each of several functions; of one function the return itself. */
export function partsOfReturn({
  calls,
  ret,
  format,
}: ReturnPart & { readonly calls?: readonly CallVerdict[] | undefined }): readonly ReturnPart[] {
  if (calls === undefined || ret === null || typeof ret !== 'object' || Array.isArray(ret))
    return [{ format, ret }]
  const keys = returnKeys(calls.map(({ fun }) => fun))
  return calls.map((call, index) => ({ format: call.format, ret: ret[keys[index] ?? ''] ?? null }))
}
