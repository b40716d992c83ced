/** A program that a state needs. In a dry run an earlier state may bring it. */
import type { Reader } from '../system/reader.ts'
import { type Decision, failed, type PredictedChange, type StateRun, unknown } from './contract.ts'

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
  const bringer = likelyBringer(kinds, run)
  return bringer
    ? unknown(`${comment} yet; ${bringer.state}.${bringer.fun} ${bringer.id} may bring it`)
    : failed(comment, hint)
}

/** What the state requires, else a package, else whatever of these kinds comes first. */
function likelyBringer(kinds: ReadonlySet<string>, run: StateRun): PredictedChange | undefined {
  if (!run.test) return undefined
  const possible = run.predicted.filter(({ state }) => kinds.has(state))
  const required = new Set((run.required ?? []).map(({ state, id }) => `${state} ${id}`))
  return (
    possible.find(({ state, id }) => required.has(`${state} ${id}`)) ??
    possible.find(({ state }) => state === 'pkg') ??
    possible[0]
  )
}
