/** One return of several functions: a mapping of what each returned, and how each came out. */
import type { Json } from '../../shared/data/codec.ts'
import type { JobReturn, Outcome } from '../../shared/protocol/messages/job-return.ts'
import { functionsOf, mostFunctions, returnKeys } from '../../shared/several-functions.ts'
import { type Call, closedReturn } from './call.ts'

/** Why not all of them ran. `text`: of the one that was under way; absent: none was. */
export interface EarlyEnd {
  readonly outcome: Exclude<Outcome, 'done'>
  readonly text?: string
}

const notRun = 'Not run: the job was ended before its turn came.'
const mostEnded = 100

/**
 * @param parts of those that are done, in order
 * @param now when nothing was begun, milliseconds since the epoch
 */
export function severalReturn(
  { jid, fun }: Pick<Call, 'jid' | 'fun'>,
  parts: readonly JobReturn[],
  early: EarlyEnd | undefined,
  now: number,
): JobReturn {
  const functions = functionsOf(fun).slice(0, mostFunctions)
  const last = parts.at(-1)
  const end = last ? last.started + last.duration : now
  const started = parts[0]?.started ?? now
  const how = early?.outcome ?? parts.map(({ outcome }) => outcome).find(isEarly)
  const all = functions.map((name, index) => {
    const part = parts[index]
    if (part) return part
    const text = (index === parts.length ? early?.text : undefined) ?? notRun
    return closedReturn({ jid, fun: name }, how ?? 'cancelled', text, end)
  })
  const keys = returnKeys(functions)
  const ret: { [key: string]: Json } = Object.create(null)
  for (const [index, key] of keys.entries()) ret[key] = all[index]?.ret ?? null
  const cut = all.flatMap(({ truncated }, index) => (truncated ? [`${keys[index]}: ${truncated}`] : []))
  const ended = all.flatMap((part) => part.ended ?? []).slice(0, mostEnded)
  return {
    jid,
    fun,
    outcome: how ?? (all.every((part) => part.outcome === 'refused') ? 'refused' : 'done'),
    retcode: Math.max(...all.map(({ retcode }) => retcode)),
    success: all.every(({ success }) => success),
    format: 'nested',
    ret,
    started,
    duration: Math.max(0, end - started),
    ...(cut.length === 0 ? {} : { truncated: cut.join('; ').slice(0, 1024) }),
    ...(ended.length === 0 ? {} : { ended }),
    calls: all.map(({ fun: name, outcome, retcode, success, format }) => ({
      fun: name,
      outcome,
      retcode,
      success,
      format,
    })),
  }
}

/** After such a one no other begins. */
export const isEarly = (outcome: Outcome): outcome is Exclude<Outcome, 'done' | 'refused'> =>
  outcome !== 'done' && outcome !== 'refused'
