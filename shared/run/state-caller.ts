/** Who calls state functions: the minion on its machine, the master for orchestrations. Knows nothing of order and requisites. */
import type { LowChunk } from '../sls/low.ts'
import type { StateOutcome } from './outcome.ts'
import type { PredictedChange, RelatedState } from './related-state.ts'

/** How a chunk is called this time. */
export interface CallManner<Act> {
  /** Instead of the run's own way to change things, where states are called together. */
  readonly act?: Act | undefined
  /** Only tried, as the target of a prereq; in a dry run everything is. */
  readonly tried?: true
  /** States that the chunk requires. */
  readonly required: readonly RelatedState[]
  /** Of earlier states, in a dry run. */
  readonly predicted: readonly PredictedChange[]
}

export interface StateCaller<Act> {
  /** Guards, the state itself, retries. */
  call(chunk: LowChunk, manner: CallManner<Act>): Promise<StateOutcome>
  /** What `watch` does once a target has changed; asked only where the function can. */
  refresh(chunk: LowChunk, manner: CallManner<Act>): Promise<StateOutcome>
  canRefresh(chunk: LowChunk): boolean
  /** The same for `listen`, with guards. */
  listen(chunk: LowChunk, manner: CallManner<Act>): Promise<StateOutcome>
  /** What a state that changed something left to the end of the run; undefined: nothing. */
  finish(chunk: LowChunk, manner: CallManner<Act>): Promise<StateOutcome | undefined>
}
