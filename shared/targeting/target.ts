/** What a target is, and whom it is asked of. */
import type { Dict } from '../data/value.ts'

/** One minion. What is not at hand may be a getter that throws; it is asked for only where the target needs it. */
export interface Subject {
  readonly id: string
  readonly grains: Dict
  /** Absent where the pillar is only being made, as in its own top files. */
  readonly pillar?: Dict
}

export const targetKinds = [
  'glob',
  'list',
  'pcre',
  'grain',
  'grain_pcre',
  'pillar',
  'pillar_pcre',
  'pillar_exact',
  'ipcidr',
  'nodegroup',
  'compound',
] as const
export type TargetKind = (typeof targetKinds)[number]

export interface TargetSource {
  readonly kind: TargetKind
  readonly expression: string
  /** One character between the steps of a path; `:` where absent. */
  readonly delimiter?: string | undefined
  /** Option `nodegroups`: name → expression, or a list of ids or of words of an expression. */
  readonly nodegroups?: Dict | undefined
  /**
   * Values of pillars are compared whole, without patterns: who asks may not see those pillars, and could spell them
   * out pattern by pattern. Nodegroups, which the operator writes, are not bound by it.
   */
  readonly exactPillars?: boolean | undefined
}

/** What is wrong with a target, as a clause. */
export class TargetError extends Error {
  readonly hint: string | undefined
  /** Where in the expression, in UTF-16 units from 0; undefined: all of it, or it is in a nodegroup. */
  readonly offset: number | undefined

  constructor(reason: string, hint?: string, offset?: number) {
    super(reason)
    this.hint = hint
    this.offset = offset
  }
}
