/** What a job calls, found and with its arguments: one function, or several that run one after another. */
import { TsaltError } from '../../shared/errors/error.ts'
import type { JobReturn } from '../../shared/protocol/messages/job-return.ts'
import { callsOf, isSeveral } from '../../shared/several-functions.ts'
import { runsBeside, type Turn } from '../modules/contract.ts'
import { type BoundCall, bindCall, type Call, type FunctionTable, refusedReturn } from './call.ts'

/** One of several that cannot be called is told so in its place; the others are called. */
export type BoundPart =
  | { readonly call: Call; readonly bound: BoundCall; readonly refused?: undefined }
  | { readonly call: Call; readonly refused: JobReturn }

export type BoundJob =
  | { readonly kind: 'one'; readonly bound: BoundCall }
  | { readonly kind: 'several'; readonly parts: readonly BoundPart[] }

/** @throws TsaltError of one function, see `bindCall`; `request-malformed` where several cannot be told apart */
export function bindJob(call: Call, functions: FunctionTable, now: number): BoundJob {
  if (!isSeveral(call.fun)) return { kind: 'one', bound: bindCall(call, functions) }
  const calls = callsOf(call)
  if (calls === undefined)
    throw new TsaltError('request-malformed', { reason: `the arguments of ${call.fun} are no list for each` })
  const parts = calls.map(({ fun, args, kwargs }): BoundPart => {
    const own: Call = { jid: call.jid, fun, args: [...args], kwargs: { ...kwargs } }
    try {
      return { call: own, bound: bindCall(own, functions) }
    } catch (error) {
      return { call: own, refused: refusedReturn(own, error, now) }
    }
  })
  return { kind: 'several', parts }
}

const callsIn = (job: BoundJob): readonly BoundCall[] =>
  job.kind === 'one' ? [job.bound] : job.parts.flatMap((part) => (part.refused ? [] : [part.bound]))

/** All of it may run beside a state run, and again after a crash. */
export const allBeside = (job: BoundJob): boolean =>
  callsIn(job).every(({ definition }) => runsBeside(definition))

/**
 * How it takes its turn in the queue of state runs; undefined: it has none. Several functions take one turn for all of
 * them, so that nothing waits for another run between two of them.
 * @param usual of those that do not say; undefined: they wait
 * @param busy the return of one that does not want to wait so long, where it is so
 */
export function turnOfJob(
  job: BoundJob,
  usual: Turn | undefined,
  busy: (call: Call, turn: Turn) => JobReturn | undefined,
): { readonly job: BoundJob; readonly turn: (Turn & { readonly kind: 'wait' }) | undefined } {
  if (job.kind === 'one') return { job, turn: turnOfCall(job.bound, usual) }
  let waits = false
  const parts = job.parts.map((part): BoundPart => {
    const turn = part.refused ? undefined : turnOfCall(part.bound, usual)
    if (turn === undefined) return part
    const refused = busy(part.call, turn)
    if (refused) return { call: part.call, refused }
    waits = true
    return part
  })
  return { job: { kind: 'several', parts }, turn: waits ? { kind: 'wait' } : undefined }
}

function turnOfCall(
  { definition, args }: BoundCall,
  usual: Turn | undefined,
): (Turn & { readonly kind: 'wait' }) | undefined {
  if (definition.queued !== true) return undefined
  const turn = (definition.turn ? (definition.turn(args) ?? usual) : undefined) ?? { kind: 'wait' }
  return turn.kind === 'wait' ? turn : undefined
}
