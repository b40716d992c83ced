/** Which of some minions a compiled target means: names first, then grains, then pillars, each only where it is needed. */
import type { Dict } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import type { CompiledTarget } from '../../shared/targeting/compile-target.ts'
import { type Subject, TargetError } from '../../shared/targeting/target.ts'
import type { GrainTable } from './grain-table.ts'
import type { AcceptedMinion, TargetText } from './resolve.ts'

export interface Matching {
  /** As it was written, for errors. */
  readonly target: TargetText
  readonly compiled: CompiledTarget
  /** Refreshed before, where `needsTable` says so. */
  readonly table: GrainTable
  /** @throws where it can't be compiled */
  readonly pillarOf: (minion: AcceptedMinion) => Promise<Dict>
}

/** Pillars are compiled from grains: of a minion that never said its own there is none. */
export const needsTable = ({ grains, needsPillar }: CompiledTarget): boolean =>
  needsPillar || grains?.size !== 0

/** @param known all accepted minions: rows of others go, where they are many */
export async function refreshTable(table: GrainTable, known: readonly AcceptedMinion[]): Promise<void> {
  await table.refresh()
  if (table.size <= 2 * known.length + 100) return
  const ids = new Set(known.map(({ id }) => id))
  table.keep((id) => ids.has(id))
}

/** Thrown where the answer for one minion hangs on what is not at hand. */
const grainsNeeded = Symbol('grains')
const pillarNeeded = Symbol('pillar')
const noGrains: Dict = new Map()

/** @throws TsaltError `target-invalid`, `target-pillar` */
export async function matchMinions(
  matching: Matching,
  minions: readonly AcceptedMinion[],
): Promise<AcceptedMinion[]> {
  const matched: AcceptedMinion[] = []
  for (const minion of minions) {
    let answer = ask(matching, minion, undefined)
    if (answer === pillarNeeded) answer = ask(matching, minion, await pillarOf(minion, matching))
    if (answer === true) matched.push(minion)
  }
  return matched
}

type Answer = boolean | typeof grainsNeeded | typeof pillarNeeded

/** Of a minion that never said its grains only the name is known: `not G@os:Debian` must not reach what may be one. */
function ask(
  { target, compiled, table }: Matching,
  { id, generation }: AcceptedMinion,
  pillar: Dict | undefined,
): Answer {
  const grains = needsTable(compiled) ? table.grains(id, generation, compiled.grains) : noGrains
  const subject =
    grains !== undefined && !compiled.needsPillar ? { id, grains } : new Unsure(id, grains, pillar)
  try {
    return orInvalid(target, () => compiled.matches(subject))
  } catch (thrown) {
    if (thrown === grainsNeeded || thrown === pillarNeeded) return thrown
    throw thrown
  }
}

class Unsure implements Subject {
  readonly id: string
  private readonly knownGrains: Dict | undefined
  private readonly knownPillar: Dict | undefined

  constructor(id: string, grains: Dict | undefined, pillar: Dict | undefined) {
    this.id = id
    this.knownGrains = grains
    this.knownPillar = pillar
  }

  get grains(): Dict {
    if (this.knownGrains === undefined) throw grainsNeeded
    return this.knownGrains
  }

  get pillar(): Dict {
    if (this.knownGrains === undefined) throw grainsNeeded
    if (this.knownPillar === undefined) throw pillarNeeded
    return this.knownPillar
  }
}

async function pillarOf(
  minion: AcceptedMinion,
  { pillarOf: compile, target: { expression } }: Matching,
): Promise<Dict> {
  try {
    return await compile(minion)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new TsaltError(
      'target-pillar',
      { expression: expression.slice(0, 120), id: minion.id, reason },
      { cause: error },
    )
  }
}

export function orInvalid<Result>(target: TargetText, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    if (error instanceof TargetError) throw invalidTarget(target, error)
    throw error
  }
}

/** Longer ones are cut: the caret would stand in another line. */
const longestShown = 120

export function invalidTarget(
  { expression }: Pick<TargetText, 'expression'>,
  { message, hint, offset }: TargetError,
): TsaltError {
  const shown = expression.slice(0, longestShown)
  const column = (offset ?? 0) + 1
  const fits = offset !== undefined && column <= longestShown + 1 && !/[\r\n]/.test(expression)
  return new TsaltError(
    'target-invalid',
    { expression: shown, reason: message },
    { hint, ...(fits ? { place: { file: 'target', line: 1, column, text: shown } } : {}) },
  )
}
