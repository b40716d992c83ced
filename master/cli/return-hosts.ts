/** How what a minion returned is shown: as a whole, or of several functions the state runs by themselves. */
import { decodeValue, encodeValue, type Json } from '../../shared/data/codec.ts'
import { isDict, type Value } from '../../shared/data/value.ts'
import { type HostReturn, isDocument, type OutputSettings } from '../../shared/output/format.ts'
import { returnKeys } from '../../shared/several-functions.ts'
import type { TargetAccount, TargetReturn } from '../api/schemas.ts'

/**
 * None where there is nothing to show but a status line. What a minion says of a job that was ended is part of that
 * line for people, and data for programs.
 */
export function returnHosts(target: TargetAccount, settings: OutputSettings): readonly HostReturn[] {
  const document = isDocument(settings)
  const result = target.return
  if (!result) return []
  const ret = decodeValue(result.ret as Json)
  if (hasNote(target) && (isEmpty(ret) || (!document && typeof ret === 'string'))) return []
  const parted = document ? undefined : statesApart(target.id, result, ret)
  return parted ?? [{ id: target.id, ret, retcode: result.retcode, format: result.format }]
}

/** Returned something, and was ended before it was done. */
export const hasNote = (target: TargetAccount): boolean =>
  target.return !== undefined && !['done', 'refused'].includes(target.return.outcome)

/** As it is kept until all are there. */
export const packable = ({
  ret,
  retcode,
  format,
}: HostReturn): Pick<TargetReturn, 'ret' | 'retcode' | 'format'> => ({
  ret: encodeValue(ret),
  retcode,
  format,
})

/** State runs among several functions are shown as such; what the other functions returned stands before them. */
function statesApart(id: string, { calls }: TargetReturn, ret: Value): readonly HostReturn[] | undefined {
  if (calls === undefined || !isDict(ret) || !calls.some(({ format }) => format === 'highstate'))
    return undefined
  const keys = returnKeys(calls.map(({ fun }) => fun))
  const parts = calls.map((call, index) => ({ ...call, key: keys[index] ?? call.fun }))
  const states = parts.filter(({ format }) => format === 'highstate')
  const others = parts.filter(({ format }) => format !== 'highstate')
  const rest: HostReturn = {
    id,
    ret: new Map(others.map(({ key }) => [key, ret.get(key) ?? null])),
    retcode: Math.max(0, ...others.map(({ retcode }) => retcode)),
    format: 'nested',
  }
  const runs = states.map(({ key, retcode, format }) => ({
    id: states.length === 1 ? id : `${id} ${key}`,
    ret: ret.get(key) ?? null,
    retcode,
    format,
  }))
  return others.length === 0 ? runs : [rest, ...runs]
}

const isEmpty = (value: Value): boolean =>
  value === null || value === '' || (isDict(value) && value.size === 0)
