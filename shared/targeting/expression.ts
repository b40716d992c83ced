/** A target, parsed. Adding a kind: a member here, its case in `parseTarget` and in `match.ts`. */
import { TsaltError } from '../errors/error.ts'
import { isMinionId, type MinionId } from '../ids.ts'
import { compileGlob, type Glob } from './glob.ts'
import { compileDictMatch, type DictMatch } from './grain-match.ts'

export type Expression =
  | { readonly kind: 'glob'; readonly pattern: string; readonly matches: Glob }
  | { readonly kind: 'list'; readonly ids: readonly MinionId[] }
  | { readonly kind: 'grain'; readonly matches: DictMatch }

export interface TargetText {
  readonly kind: 'glob' | 'list' | 'grain'
  readonly expression: string
  /** Between the steps of a grain's path; `:` where absent. */
  readonly delimiter?: string | undefined
}

/** @throws TsaltError `target-invalid` */
export function parseTarget({ kind, expression, delimiter = ':' }: TargetText): Expression {
  if (expression.trim() === '') throw invalid(expression, 'it is empty')
  switch (kind) {
    case 'glob':
      return { kind, pattern: expression, matches: compileGlob(expression) }
    case 'list':
      return { kind, ids: parseList(expression) }
    case 'grain': {
      if (!expression.includes(delimiter))
        throw invalid(
          expression,
          `a grain and a value are wanted, as in os${delimiter}Debian`,
          `For minions that have the grain at all: ${expression}${delimiter}*`,
        )
      return { kind, matches: compileDictMatch(expression, delimiter) }
    }
  }
}

/** Repeated ids count once; the order is kept. */
function parseList(expression: string): MinionId[] {
  const ids = new Set<MinionId>()
  for (const item of expression.split(',')) {
    const id = item.trim().toLowerCase()
    if (id === '') continue
    if (!isMinionId(id)) throw invalid(expression, `"${id.slice(0, 80)}" is not a minion id`)
    ids.add(id)
  }
  if (ids.size === 0) throw invalid(expression, 'it names no minion')
  return [...ids]
}

const invalid = (expression: string, reason: string, hint?: string): TsaltError =>
  new TsaltError('target-invalid', { expression: expression.slice(0, 120), reason }, { hint })
