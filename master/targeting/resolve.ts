/** A target becomes the accepted minions that it means. */
import { nearest } from '../../shared/data/nearest.ts'
import type { Dict } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { isMinionId, type MinionId } from '../../shared/ids.ts'
import { type CompiledTarget, compileTarget } from '../../shared/targeting/compile-target.ts'
import { isGlob } from '../../shared/targeting/glob.ts'
import { type Subject, TargetError, type TargetKind } from '../../shared/targeting/target.ts'
import type { MinionStore } from '../store/minions.ts'
import { GrainTable } from './grain-table.ts'

/** A minion whose key is accepted. */
export interface AcceptedMinion {
  readonly id: MinionId
  readonly generation: number
}

export interface TargetText {
  readonly kind: TargetKind
  readonly expression: string
  /** Between the steps of a path; `:` where absent. */
  readonly delimiter?: string | undefined
}

export type ResolveTarget = (target: TargetText) => Promise<readonly AcceptedMinion[]>

export interface TargetingParts {
  /** The minions with an accepted key, asked anew for each target. */
  readonly accepted: () => readonly AcceptedMinion[]
  readonly minions: Pick<MinionStore, 'grainsSince'>
  /** Compiled by the master; what a minion says of its pillar counts for nothing. @throws where it can't be compiled */
  readonly pillarOf: (minion: AcceptedMinion) => Promise<Dict>
  /** Option `nodegroups`. */
  readonly nodegroups: Dict | undefined
}

/**
 * @returns sorted by id, a list in its own order
 * @throws TsaltError `target-empty`, `target-unknown`, `target-invalid`, `target-pillar`
 */
export function makeResolveTarget(parts: TargetingParts): ResolveTarget {
  const table = new GrainTable(parts.minions)
  // So that the first command does not wait for it; what fails now is told to whoever asks.
  table.refresh().catch(() => undefined)
  return async (target) => {
    const { kind, expression } = target
    if (expression.trim() === '') throw invalid(target, new TargetError('it is empty'))
    const known = parts.accepted()
    if (kind === 'list') return resolveList(target, known)
    const compiled = orInvalid(target, () => compileTarget({ ...target, nodegroups: parts.nodegroups }))
    if (needsTable(compiled)) await refreshed(table, known)
    const matched = await match({ target, compiled, known, table, parts })
    if (matched.length === 0) throw nothingMatched(target, known)
    return matched.sort((a, b) => (a.id < b.id ? -1 : 1))
  }
}

/** Pillars are compiled from grains: of a minion that never said its own there is none. */
const needsTable = ({ grains, needsPillar }: CompiledTarget): boolean => needsPillar || grains?.size !== 0

async function refreshed(table: GrainTable, known: readonly AcceptedMinion[]): Promise<void> {
  await table.refresh()
  if (table.size <= 2 * known.length + 100) return
  const ids = new Set(known.map(({ id }) => id))
  table.keep((id) => ids.has(id))
}

interface Matching {
  readonly target: TargetText
  readonly compiled: CompiledTarget
  readonly known: readonly AcceptedMinion[]
  readonly table: GrainTable
  readonly parts: TargetingParts
}

/** Thrown where the answer for one minion hangs on what is not at hand. */
const grainsNeeded = Symbol('grains')
const pillarNeeded = Symbol('pillar')
const noGrains: Dict = new Map()

async function match(matching: Matching): Promise<AcceptedMinion[]> {
  const matched: AcceptedMinion[] = []
  for (const minion of matching.known) {
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

async function pillarOf(minion: AcceptedMinion, { parts, target: { expression } }: Matching): Promise<Dict> {
  try {
    return await parts.pillarOf(minion)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new TsaltError(
      'target-pillar',
      { expression: expression.slice(0, 120), id: minion.id, reason },
      { cause: error },
    )
  }
}

/** Repeated ids count once; the order is kept. */
function resolveList(target: TargetText, known: readonly AcceptedMinion[]): readonly AcceptedMinion[] {
  const byId = new Map(known.map((minion) => [minion.id, minion]))
  const ids = listed(target)
  const unknown = ids.filter((id) => !byId.has(id))
  if (unknown.length > 0) {
    const [first = ''] = unknown
    const near = nearest(first, byId.keys())
    throw new TsaltError(
      'target-unknown',
      { ids: unknown.slice(0, 20).join(', ') + (unknown.length > 20 ? ', …' : '') },
      { hint: near ? `Did you mean "${near}"?` : '"tsalt-key -L" lists the accepted minions.' },
    )
  }
  return ids.flatMap((id) => byId.get(id) ?? [])
}

function listed(target: TargetText): readonly MinionId[] {
  const ids = new Set<MinionId>()
  for (const { 0: item, index } of target.expression.matchAll(/[^,]+/g)) {
    const id = item.trim().toLowerCase()
    if (id === '') continue
    const offset = index + item.length - item.trimStart().length
    if (!isMinionId(id))
      throw invalid(target, new TargetError(`"${id.slice(0, 80)}" is not a minion id`, undefined, offset))
    ids.add(id)
  }
  if (ids.size === 0) throw invalid(target, new TargetError('it names no minion'))
  return [...ids]
}

function nothingMatched({ kind, expression }: TargetText, known: readonly AcceptedMinion[]): TsaltError {
  const plainId = kind === 'glob' && !isGlob(expression)
  const near = plainId
    ? nearest(
        expression,
        known.map(({ id }) => id),
      )
    : undefined
  return new TsaltError('target-empty', {}, near === undefined ? {} : { hint: `Did you mean "${near}"?` })
}

function orInvalid<Result>(target: TargetText, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    if (error instanceof TargetError) throw invalid(target, error)
    throw error
  }
}

/** Longer ones are cut: the caret would stand in another line. */
const longestShown = 120

function invalid({ expression }: TargetText, { message, hint, offset }: TargetError): TsaltError {
  const shown = expression.slice(0, longestShown)
  const column = (offset ?? 0) + 1
  const fits = offset !== undefined && column <= longestShown + 1 && !/[\r\n]/.test(expression)
  return new TsaltError(
    'target-invalid',
    { expression: shown, reason: message },
    { hint, ...(fits ? { place: { file: 'target', line: 1, column, text: shown } } : {}) },
  )
}
