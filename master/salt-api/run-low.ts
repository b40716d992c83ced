/** Runs a low-state list: checked as a whole first, then one command after the other. */
import type { Plain } from '../../shared/data/value.ts'
import type { RouteContext } from '../api/services.ts'
import type { Actor } from '../auth/actor.ts'
import {
  localAsyncClient,
  localBatchClient,
  localClient,
  localSubsetClient,
  type Ready,
} from './local-clients.ts'
import type { Client, LowChunk } from './low.ts'
import { runnerAsyncClient, runnerClient, wheelAsyncClient, wheelClient } from './master-clients.ts'

const makers: Readonly<Record<Client, (chunk: LowChunk, context: RouteContext) => Ready>> = {
  local: localClient,
  local_async: localAsyncClient,
  local_batch: localBatchClient,
  local_subset: localSubsetClient,
  runner: runnerClient,
  runner_async: runnerAsyncClient,
  wheel: wheelClient,
  wheel_async: wheelAsyncClient,
}

export interface Command {
  readonly chunk: LowChunk
  readonly run: Ready
}

/** @param client of all; absent: each chunk names its own. @throws TsaltError `low-invalid`, … */
export function prepare(
  chunks: readonly LowChunk[],
  context: RouteContext,
  client?: Client,
): readonly Command[] {
  return chunks.map((chunk) => ({ chunk, run: makers[client ?? chunk.client()](chunk, context) }))
}

/** @param actorOf who asks for a command; each may come with its own credentials */
export async function runAll(
  commands: readonly Command[],
  actorOf: (chunk: LowChunk) => Promise<Actor>,
  signal: AbortSignal,
): Promise<Plain[]> {
  const returns: Plain[] = []
  for (const { chunk, run } of commands) {
    // Whoever has left wants no further jobs.
    if (signal.aborted) return returns
    returns.push(...(await run(await actorOf(chunk), signal)))
  }
  return returns
}
