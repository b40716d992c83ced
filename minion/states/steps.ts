/** Commands run one after the other, each with how it is taken back; the first that fails ends them. */
import type { Changer, RunOptions } from '../system/changer.ts'
import type { Applied } from './contract.ts'
import { saidBy } from './said-by.ts'

export interface Step extends RunOptions {
  readonly argv: readonly string[]
}

/** @returns what the failed command printed, as the state's failure; undefined: all worked */
export async function runSteps(
  steps: readonly Step[],
  act: Changer,
  trouble: string,
): Promise<Applied | undefined> {
  for (const { argv, ...options } of steps) {
    const result = await act.commands.run(argv, options)
    if (result.code !== 0) return { ok: false, comment: `${trouble}: ${saidBy(result)}` }
  }
  return undefined
}
