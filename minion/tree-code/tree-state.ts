/** State functions that a module `_states/NAME.ts` of the tree has: looked at, decided and done as those of tsalt are. */
import type { Plain } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import {
  type Applied,
  type Decision,
  drift,
  failed,
  inSync,
  type StateFunction,
  type StateRun,
  stateFunction,
  unknown,
} from '../states/contract.ts'
import type { Reader } from '../system/reader.ts'
import { schemaOf } from './argument-schema.ts'
import type { CodeFunction } from './code-catalog.ts'
import type { CodeWorker } from './code-worker.ts'

/** @param name `module.function` */
export function treeState(name: string, code: CodeFunction): StateFunction {
  const { summary, args, examples, repeats, restArguments, refreshes } = code.description
  const decide =
    (method: 'check' | 'refresh') =>
    async (given: object, look: Reader, run: StateRun): Promise<Decision> => {
      const worker = code.worker()
      const message = { kind: 'decide', file: code.url, fun: code.fun, method, args: given, run: told(run) }
      const { value, number } = await worker.ask({ file: code.file, look }, message)
      return decisionOf(value, { code, worker, look, number, run })
    }
  return stateFunction({
    summary: summary === '' ? `A function of ${code.file}.` : summary,
    args: schemaOf(args),
    examples: examples.length > 0 ? examples : [`an id:\n  ${name}: []\n`],
    ...(repeats && { repeats }),
    ...(restArguments !== undefined && { restArguments }),
    check: decide('check'),
    ...(refreshes && { refresh: decide('refresh') }),
  })
}

/** What a check may know of its run, as data. */
function told({ test, predicted, id, sls, environment, required }: StateRun) {
  return { test, predicted, id, sls, environment, required }
}

interface Decided {
  readonly code: CodeFunction
  readonly worker: CodeWorker
  readonly look: Reader
  readonly number: number
  readonly run: StateRun
}

interface Told {
  readonly kind?: unknown
  readonly comment?: unknown
  readonly done?: unknown
  readonly reason?: unknown
  readonly changes?: unknown
}

function decisionOf(value: unknown, decided: Decided): Decision {
  const { kind, comment, done, reason, changes } = (value ?? {}) as Told
  const text = (said: unknown): string => (said === undefined || said === null ? '' : String(said))
  if (kind === 'in-sync') return inSync(text(comment))
  if (kind === 'failed') return failed(text(comment))
  if (kind === 'unknown') return unknown(text(reason))
  if (kind !== 'drift') {
    const why = 'it answered none of inSync(…), drift(…), unknown(…), failed(…)'
    throw new TsaltError('program-failed', { file: decided.code.file, reason: why })
  }
  const { code, worker, look, number, run } = decided
  if (!run.test) worker.holdDecision(number)
  return drift((changes ?? {}) as Plain, { would: text(comment), done: text(done) }, async (act) => {
    worker.releaseDecision(number)
    const message = { kind: 'apply', decision: number }
    const answer = (await worker.ask({ file: code.file, look, act }, message)).value
    return (answer ?? undefined) as Applied | undefined
  })
}
