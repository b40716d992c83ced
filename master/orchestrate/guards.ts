/** `onlyif` and `unless` of orchestrations: runners that are asked. A dry run asks only those that change nothing. */
import { isDict, isList, traverse, type Value } from '../../shared/data/value.ts'
import { describeError } from '../../shared/errors/error.ts'
import { cannotTell, type StateOutcome } from '../../shared/run/outcome.ts'
import type { LowChunk } from '../../shared/sls/low.ts'
import type { RunnerResult } from './contract.ts'
import { onlyLooks } from './looking.ts'
import { guardCall } from './mistakes.ts'
import type { WrittenCall } from './runner-words.ts'

export interface GuardPorts {
  readonly test: boolean
  callRunner(call: WrittenCall): Promise<RunnerResult>
}

type Answer = { readonly holds: boolean; readonly error?: string } | { readonly untried: string }

/** @returns the outcome of a state that a guard keeps from running; undefined: it may run. */
export async function guardOutcome(
  { globals }: LowChunk,
  ports: GuardPorts,
): Promise<StateOutcome | undefined> {
  const answers = async (word: 'onlyif' | 'unless'): Promise<Answer[] | undefined> => {
    const written = globals.get(word)
    if (written === undefined || written === null) return undefined
    const found: Answer[] = []
    for (const item of isList(written) ? written : [written])
      found.push(isDict(item) ? await ask(item, ports) : { holds: false })
    return found
  }
  const onlyif = await answers('onlyif')
  const broken = onlyif?.find((answer) => 'holds' in answer && !answer.holds)
  if (broken) return held('onlyif condition is false', broken)
  const unless = await answers('unless')
  // As on minions: one that could not be asked counts as met, so the state is left alone.
  const isMet = unless?.every((answer) => 'holds' in answer && (answer.holds || answer.error !== undefined))
  if (unless && unless.length > 0 && isMet) return held('unless condition is true', unless.find(hasError))
  for (const [word, list] of [
    ['onlyif', onlyif],
    ['unless', unless],
  ] as const) {
    const untried = list?.find((answer) => 'untried' in answer)
    const decided = word === 'unless' && list?.some((answer) => 'holds' in answer && !answer.holds)
    if (untried && 'untried' in untried && !decided) return cannotTell(`its ${word} ${untried.untried}`)
  }
  return undefined
}

const hasError = (answer: Answer): boolean => 'holds' in answer && answer.error !== undefined

function held(comment: string, why: Answer | undefined): StateOutcome {
  const error = why && 'holds' in why ? why.error : undefined
  const whole = error === undefined ? comment : `${comment}: ${error}`
  return { result: true, comment: whole, changes: {}, ran: true, skipWatch: true }
}

async function ask(item: ReadonlyMap<unknown, Value>, { test, callRunner }: GuardPorts): Promise<Answer> {
  const call = guardCall(item)
  if (test && !onlyLooks(call.fun))
    return {
      untried: `asks ${call.fun}, which is not known to change nothing, so a dry run does not call it`,
    }
  try {
    const { ret, retcode } = await callRunner(call)
    const path = item.get('get_return')
    const picked = typeof path === 'string' ? (traverse(ret, path) ?? null) : ret
    return { holds: retcode === 0 && truthy(picked) }
  } catch (error) {
    return { holds: false, error: describeError(error) }
  }
}

/** Python's truthiness. */
function truthy(value: Value): boolean {
  if (isDict(value)) return value.size > 0
  if (isList(value)) return value.length > 0
  return Boolean(value)
}
