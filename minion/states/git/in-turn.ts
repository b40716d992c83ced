/** Calls of git that follow each other as long as they work, each with what takes it back. */
import type { Changer } from '../../system/changer.ts'
import type { Applied } from '../contract.ts'
import { type Caller, change, gitStep } from './repository.ts'

export async function inTurn(
  steps: readonly Step[],
  caller: Caller,
  act: Changer,
): Promise<Applied | undefined> {
  for (const { words, back } of steps) {
    const undo = back?.map((others) => gitStep(others, caller))
    const complaint = await change(words, caller, act, undo)
    if (complaint !== undefined)
      return { ok: false, comment: `git ${words.slice(2).join(' ')} failed: ${complaint}` }
  }
  return undefined
}

export interface Step {
  readonly words: readonly string[]
  /** Absent: it cannot be taken back. */
  readonly back?: readonly (readonly string[])[]
}

/** What comes with the clone goes with it, and what is only fetched is in nobody's way. */
export const harmless = (words: readonly string[]): Step => ({ words, back: [] })
