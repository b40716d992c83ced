/** From the words after the functions to what the master is sent: each function with its own arguments. */
import { parseArguments } from '../../shared/cli-arguments/parse.ts'
import { askSaltCompat } from '../../shared/cli-arguments/salt-compat.ts'
import { encodeValue, type Json } from '../../shared/data/codec.ts'
import type { Dict } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { functionsOf, joinCalls } from '../../shared/several-functions.ts'
import type { JobSubmission } from '../api/schemas.ts'
import { wordsOfEach } from './several-words.ts'
import type { TsaltOptions } from './tsalt-options.ts'

export interface TypedCall {
  readonly call: Pick<JobSubmission, 'fun' | 'args' | 'kwargs'>
  /** What `test=` says, of one function that has it. */
  readonly dryRun: boolean | undefined
}

/** @param fun several with commas between them @throws TsaltError `usage-wrong`, `usage-functions-apart` */
export function typedCall(
  fun: string,
  words: readonly string[],
  options: Pick<TsaltOptions, 'saltCompat' | 'now' | 'argsSeparator' | 'noParse'>,
): TypedCall {
  const functions = functionsOf(fun)
  if (options.argsSeparator === '')
    throw new TsaltError('usage-wrong', { reason: '--args-separator is a sign or a word, and was empty' })
  const shared = functions.length === 1 ? [words] : wordsOfEach(functions, words, options.argsSeparator)
  const typed = functions.map((name, index) => ({
    fun: name,
    ...parseArguments(shared[index] ?? [], name, options.noParse),
  }))
  // Meant for those that run states; where there is none, the first one says so.
  const states = typed.filter((call) => call.fun.startsWith('state.'))
  for (const { fun: name, kwargs } of states.length === 0 ? typed.slice(0, 1) : states) {
    if (options.saltCompat) askSaltCompat(name, kwargs)
    if (options.now) refuseToWait(name, kwargs)
  }
  const calls = typed.map(({ fun: name, args, kwargs }) => ({
    fun: name,
    args: args.map(encodeValue),
    kwargs: encodeKeywords(kwargs),
  }))
  const [only] = calls
  const call = calls.length === 1 && only ? only : joinCalls(calls)
  const tests = typed.map(({ kwargs }) => kwargs.get('test'))
  return {
    call: { fun: call.fun, args: [...call.args], kwargs: { ...call.kwargs } },
    dryRun: tests.find((test): test is boolean => typeof test === 'boolean'),
  }
}

/** What Salt does without `queue=True`. @throws TsaltError `usage-wrong` */
function refuseToWait(fun: string, kwargs: Dict): void {
  if (!fun.startsWith('state.'))
    throw new TsaltError(
      'usage-wrong',
      { reason: `--now is about state runs, which take turns; ${fun} waits for nobody` },
      { hint: "For example: tsalt '*' state.apply nginx --now" },
    )
  const queue = kwargs.get('queue')
  if (queue !== undefined && queue !== false)
    throw new TsaltError('usage-wrong', { reason: '--now and queue= exclude each other' })
  kwargs.set('queue', false)
}

function encodeKeywords(kwargs: Dict): Record<string, Json> {
  const encoded: Record<string, Json> = {}
  for (const [key, value] of kwargs) encoded[String(key)] = encodeValue(value)
  return encoded
}
