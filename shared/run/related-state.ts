/** What a state is told of other states of its run. */
import type { Plain } from '../data/value.ts'

export interface RelatedState {
  readonly state: string
  readonly fun: string
  readonly id: string
  readonly name: string
}

/** In a dry run: a change that an earlier state would make. */
export interface PredictedChange extends RelatedState {
  readonly changes: Plain
}
