/** Has the functions of the mine answer: each for itself, so that one that fails takes none of the others with it. */
import { encodeValue } from '../../shared/data/codec.ts'
import { nearest } from '../../shared/data/nearest.ts'
import { toValue } from '../../shared/data/value.ts'
import { describeError, TsaltError } from '../../shared/errors/error.ts'
import type { MinePut } from '../../shared/protocol/messages/mine-put.ts'
import { bindArguments } from '../jobs/bind-arguments.ts'
import { type ExecFunction, isAnswer, type ModuleContext } from '../modules/contract.ts'
import type { MineDefinition } from './definitions.ts'

export type MineEntry = MinePut['entries'][number]

export interface Gathered {
  readonly entries: readonly MineEntry[]
  readonly failed: readonly { readonly name: string; readonly reason: string }[]
}

export async function gather(
  definitions: readonly MineDefinition[],
  context: ModuleContext,
): Promise<Gathered> {
  const entries: MineEntry[] = []
  const failed: Gathered['failed'][number][] = []
  for (const definition of definitions) {
    if (context.job.signal.aborted) {
      // Named, so that its last answer stays.
      failed.push({ name: definition.name, reason: 'It was not asked: the job was ended before.' })
      continue
    }
    try {
      entries.push(await answerOf(definition, context))
    } catch (error) {
      failed.push({ name: definition.name, reason: describeError(error) })
    }
  }
  return { entries, failed }
}

/** @throws TsaltError `function-unknown`, `mine-function-refused`, of its arguments, or its own */
export async function answerOf(
  { name, fun, args, kwargs, readers }: MineDefinition,
  context: ModuleContext,
): Promise<MineEntry> {
  const definition = usable(fun, context)
  const answer = await definition.run(bindArguments(fun, definition, args, kwargs), context)
  const value = encodeValue(toValue(isAnswer(answer) ? answer.ret : answer))
  return { name, value, ...(readers === undefined ? {} : { readers }) }
}

function usable(fun: string, { services: { functions } }: ModuleContext): ExecFunction {
  const definition = functions.find(fun)
  if (definition === undefined) {
    const near = nearest(fun, functions.names())
    const hint = functions.why?.(fun) ?? (near && `Did you mean "${near}"?`)
    throw new TsaltError('function-unknown', { fun }, { hint })
  }
  if (definition.queued)
    throw new TsaltError('mine-function-refused', { fun, reason: 'it waits for its turn among state runs' })
  if (/^(?:mine|undo)\./.test(fun))
    throw new TsaltError('mine-function-refused', { fun, reason: 'nobody else has a use for it' })
  return definition
}
