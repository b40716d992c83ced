/** `retry`: how often a state is called again, and what its comment says then, in Salt's words. */
import { isDict, PyFloat, type Value } from '../data/value.ts'
import type { LowChunk } from '../sls/low.ts'
import type { StateOutcome } from './outcome.ts'

export interface Retry {
  /** Calls in all. */
  readonly attempts: number
  readonly until: boolean
  /** Seconds. */
  readonly interval: number
  /** Seconds at most that are added to the interval, by chance. */
  readonly splay: number
  /** What was written and could not be taken. */
  readonly warnings: readonly string[]
}

/** Salt's defaults: two attempts in all, 30 seconds between them, until True. `retry: True` means the defaults. */
export function retryOf(chunk: LowChunk): Retry | undefined {
  const given = chunk.globals.get('retry')
  if (given === undefined || given === null || given === false) return undefined
  const warnings: string[] = []
  if (!isDict(given) && given !== true)
    warnings.push('retry is not a mapping (attempts, until, interval, splay), so its defaults count')
  const read = (name: string): Value | undefined => (isDict(given) ? given.get(name) : undefined)
  const number = (name: string, fallback: number): number => {
    const value = read(name)
    const plain = value instanceof PyFloat ? value.value : value
    if (value === undefined) return fallback
    if (typeof plain === 'number' && plain >= 0) return plain
    warnings.push(`retry: ${name} is not a number, so ${fallback} counts`)
    return fallback
  }
  const until = read('until')
  if (until !== undefined && typeof until !== 'boolean')
    warnings.push('retry: until is neither True nor False, so True counts')
  return {
    attempts: Math.max(1, Math.floor(number('attempts', 2))),
    until: until !== false,
    interval: number('interval', 30),
    splay: number('splay', 0),
    warnings,
  }
}

/**
 * @param call one attempt; called again as long as its result is another than the one wanted
 * @param test a dry run: called once, and the comment says what would be
 * @param sleep milliseconds; @returns false where the run has to stop
 */
export async function withRetry(
  retry: Retry,
  test: boolean,
  call: () => Promise<StateOutcome>,
  sleep: (milliseconds: number) => Promise<boolean>,
  random: () => number,
): Promise<StateOutcome> {
  const said: string[] = []
  for (let number = 1; ; number++) {
    const outcome = await call()
    if (test) return warned({ ...outcome, comment: `${outcome.comment}  ${promise(retry)}` }, retry)
    if (number >= retry.attempts || outcome.result === retry.until)
      return warned({ ...outcome, comment: [...said, outcome.comment].join('\n') }, retry)
    said.push(
      `Attempt ${number}: Returned a result of "${word(outcome.result)}", with the following comment: "${outcome.comment}"`,
    )
    const pause = retry.interval + (retry.splay > 0 ? Math.floor(random() * (retry.splay + 1)) : 0)
    if (!(await sleep(pause * 1000)))
      return warned(
        { ...outcome, comment: [...said, 'The run was ended before the next attempt'].join('\n') },
        retry,
      )
  }
}

const promise = ({ interval, splay, attempts, until }: Retry): string =>
  `The state would be retried every ${interval} seconds (with a splay of up to ${splay} seconds) a maximum of ${attempts} times or until a result of ${word(until)} is returned`

const warned = (outcome: StateOutcome, { warnings }: Retry): StateOutcome =>
  warnings.length > 0 ? { ...outcome, warnings: [...(outcome.warnings ?? []), ...warnings] } : outcome

const word = (result: boolean | null): string => (result === null ? 'None' : result ? 'True' : 'False')
