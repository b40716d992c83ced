/** Whether a target of a top file means one minion: every match type of Salt but `range` and `data`. */

import { nearest } from '../data/nearest.ts'
import type { Place } from '../data/place.ts'
import type { Dict } from '../data/value.ts'
import { TsaltError } from '../errors/error.ts'
import { compileTarget, rangeHint } from '../targeting/compile-target.ts'
import { type Subject, TargetError, type TargetKind, targetKinds } from '../targeting/target.ts'

/** Its pillar is absent in the top files of pillars. */
export type TopSubject = Subject

export interface TopMatch {
  readonly expression: string
  /** As after `match:`; undefined: compound, of which a plain glob is the simplest. */
  readonly type: string | undefined
  /** Option `nodegroups`: name → expression, or a list of ids or of words of an expression. */
  readonly nodegroups?: Dict | undefined
  readonly place?: Place | undefined
}

/** Reasons not to offer a match type that Salt has. */
const refused: ReadonlyMap<string, string> = new Map([
  ['range', rangeHint],
  ['data', 'Minions of tsalt have no data store. Use a grain or a pillar value.'],
])

/** @throws TsaltError `top-match-unsupported`, `top-expression-invalid`; the test throws the latter too */
export function compileTopMatch(match: TopMatch): (subject: TopSubject) => boolean {
  const { expression, type = 'compound', nodegroups, place } = match
  if (!isKind(type)) throw unsupported(type, place)
  const { matches } = inPlace(match, () => compileTarget({ kind: type, expression, nodegroups }))
  return (subject) => inPlace(match, () => matches(subject))
}

const isKind = (type: string): type is TargetKind => (targetKinds as readonly string[]).includes(type)

function inPlace<Result>({ expression, place }: TopMatch, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof TargetError)) throw error
    const { message: reason, hint } = error
    throw new TsaltError(
      'top-expression-invalid',
      { expression: expression.slice(0, 200), reason },
      { place, ...(hint === undefined ? {} : { hint }) },
    )
  }
}

function unsupported(type: string, place: Place | undefined): TsaltError {
  const why = refused.get(type)
  const near = why === undefined ? nearest(type, targetKinds) : undefined
  const hint = why ?? (near === undefined ? undefined : `Did you mean "${near}"?`)
  return new TsaltError('top-match-unsupported', { type }, { place, ...(hint === undefined ? {} : { hint }) })
}
