/** Commands run one after the other, each with how it is taken back; the first that fails ends them. */
import type { Changer, RunOptions } from '../system/changer.ts'
import type { CommandResult } from '../system/reader.ts'
import type { Applied } from './contract.ts'

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
    if (result.code !== 0) return { ok: false, comment: `${trouble}: ${complaintOf(result)}` }
  }
  return undefined
}

/** What a program printed to complain, on one stream or the other. */
export const complaintOf = ({ stderr, stdout, code }: CommandResult): string =>
  (stderr.trim() || stdout.trim() || `it ended with ${code}`).trim()
