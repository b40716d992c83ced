/** Calls one execution function for a job and makes its return: outcome, Salt's retcode, encoded value. */
import type { Clock } from '../../shared/clock.ts'
import { decodeValue, encodeValue, type Json } from '../../shared/data/codec.ts'
import { nearest } from '../../shared/data/nearest.ts'
import { type Dict, isDict, toValue, type Value } from '../../shared/data/value.ts'
import { EndOrder } from '../../shared/end-order.ts'
import { describeError, isTsaltError, TsaltError } from '../../shared/errors/error.ts'
import type { JobDelivery } from '../../shared/protocol/messages/job-delivery.ts'
import type { JobReturn, Outcome } from '../../shared/protocol/messages/job-return.ts'
import { type Answer, type ExecFunction, isAnswer, type ModuleContext } from '../modules/contract.ts'
import { type BoundArguments, bindArguments } from './bind-arguments.ts'

/** What is called: a delivery from the master or a call from this machine. */
export type Call = Pick<JobDelivery, 'jid' | 'fun' | 'args' | 'kwargs' | 'maxSeconds'>

export interface FunctionTable {
  names(): readonly string[]
  find(name: string): ExecFunction | undefined
  why?(name: string): string | undefined
}

export interface BoundCall {
  readonly definition: ExecFunction
  readonly args: BoundArguments
}

/** Why a job came to its end before its function did. */
export type Ending = 'cancelled' | 'interrupted' | 'timeout'

/** Salt's retcode of a function that does not exist. */
const notAvailable = 254

/** @throws TsaltError `function-unknown`, or of the arguments, or of the codec */
export function bindCall(call: Call, functions: FunctionTable): BoundCall {
  const definition = functions.find(call.fun)
  if (!definition) {
    const near = nearest(call.fun, functions.names())
    const hint =
      functions.why?.(call.fun) ??
      (near ? `Did you mean "${near}"?` : '"tsalt MINION sys.list_functions" lists them.')
    throw new TsaltError('function-unknown', { fun: call.fun }, { hint })
  }
  const keywords: Dict = new Map()
  for (const [name, value] of Object.entries(call.kwargs)) keywords.set(name, decodeValue(value))
  return { definition, args: bindArguments(call.fun, definition, call.args.map(decodeValue), keywords) }
}

/** The return of a job whose function was never started. */
export function refusedReturn(call: Call, error: unknown, now: number): JobReturn {
  const unknown = isTsaltError(error) && error.code === 'function-unknown'
  return closedReturn(call, 'refused', refusalText(error), now, unknown ? notAvailable : 1)
}

/** The return of a job that has no answer of its own: refused, interrupted, expired, cancelled while it waited. */
export function closedReturn(
  call: Pick<Call, 'jid' | 'fun'>,
  outcome: Exclude<Outcome, 'done'>,
  text: string,
  started: number,
  retcode = 1,
): JobReturn {
  const { jid, fun } = call
  return { jid, fun, outcome, retcode, success: false, format: 'nested', ret: text, started, duration: 0 }
}

function refusalText(error: unknown): string {
  if (!isTsaltError(error)) return describeError(error)
  return error.hint ? `${error.message} ${error.hint}` : error.message
}

/** Runs the function to its end. Never throws: what goes wrong is in the return. */
export async function runCall(
  call: Call,
  bound: BoundCall,
  context: ModuleContext,
  clock: Clock,
  ending: () => Ending | undefined,
): Promise<JobReturn> {
  const started = clock.now()
  const from = clock.monotonic()
  const answer = await answerOf(call, bound, context)
  const early = ending() ?? (answer.interrupted ? 'interrupted' : undefined)
  const outcome: Outcome = early ?? 'done'
  const retcode = early && answer.retcode === 0 ? 1 : answer.retcode
  return {
    jid: call.jid,
    fun: call.fun,
    outcome,
    retcode,
    success: retcode === 0,
    format: answer.format,
    ret: answer.ret,
    started,
    duration: Math.round(clock.monotonic() - from),
  }
}

interface EncodedAnswer extends Omit<Answer, 'ret'> {
  readonly ret: Json
}

async function answerOf(call: Call, bound: BoundCall, context: ModuleContext): Promise<EncodedAnswer> {
  try {
    const answer = await bound.definition.run(bound.args, context)
    if (isAnswer(answer)) return { ...answer, ret: encodeValue(toValue(answer.ret)) }
    const value = toValue(answer)
    return { ret: encodeValue(value), retcode: saysFalse(value) ? 1 : 0, format: 'nested' }
  } catch (error) {
    return { ret: failureText(call.fun, error), retcode: 1, format: 'nested' }
  }
}

/** Salt: a mapping that says `result: False` or `success: False` failed; a plain False did not. */
function saysFalse(value: Value): boolean {
  return isDict(value) && (value.get('result') === false || value.get('success') === false)
}

function failureText(fun: string, error: unknown): string {
  const aborted = error instanceof Error && error.name === 'AbortError'
  const told = error instanceof EndOrder || error === 'TERM' || error === 'KILL'
  if (aborted || told || (isTsaltError(error) && error.code === 'job-killed'))
    return `${fun} was ended before it was done.`
  if (isTsaltError(error)) return `Error running '${fun}': ${describeError(error)}`
  const where = error instanceof Error ? stackLine(error) : ''
  return `The minion function caused an exception: ${describeError(error)}${where}`
}

/** Where in tsalt an unexpected error arose, so that a report of it is worth something. */
function stackLine(error: Error): string {
  const line = error.stack?.split('\n').find((text) => text.trimStart().startsWith('at '))
  return line ? ` (${line.trim()})` : ''
}
