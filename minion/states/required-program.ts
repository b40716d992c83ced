/** A program that a state needs. In a dry run an earlier state may bring it. */
import type { Reader } from '../system/reader.ts'
import { type Decision, failed, type StateRun, unknown } from './contract.ts'

export interface RequiredProgram {
  readonly program: string
  /** Debian's package that brings it, for the hint. */
  readonly package: string
}

/** States that may bring a program. */
const bringers: ReadonlySet<string> = new Set(['pkg', 'cmd', 'archive', 'pip', 'file'])

/** @returns a decision where the program is not there */
export async function requireProgram(
  wanted: RequiredProgram,
  look: Reader,
  run: StateRun,
): Promise<Decision | undefined> {
  if ((await look.commands.which(wanted.program)) !== undefined) return undefined
  const name = wanted.program.slice(wanted.program.lastIndexOf('/') + 1)
  return missingUnlessBrought(
    `${name} is not installed`,
    `Install it in an earlier state (pkg.installed: ${wanted.package}), and require that.`,
    bringers,
    run,
  )
}

/** What is missing may come with an earlier state of one of these kinds: a dry run cannot tell then. */
export function missingUnlessBrought(
  comment: string,
  hint: string,
  kinds: ReadonlySet<string>,
  run: StateRun,
): Decision {
  const bringer = run.test ? run.predicted.find(({ state }) => kinds.has(state)) : undefined
  return bringer
    ? unknown(`${comment} yet; ${bringer.state}.${bringer.fun} ${bringer.id} may bring it`)
    : failed(comment, hint)
}
