/** The arguments with which runners are told of which minions they are to speak. */
import * as v from 'valibot'
import { isTsaltError } from '../../shared/errors/error.ts'
import { type TargetKind, targetKinds } from '../../shared/targeting/target.ts'
import type { AcceptedMinion } from '../targeting/resolve.ts'
import type { RunnerContext } from './contract.ts'

const kinds = v.picklist(targetKinds, `a kind of target is expected: ${targetKinds.join(', ')}`)
const tgt = v.pipe(v.string('a target is expected'), v.description('Which minions.'))
const tgt_type = v.optional(v.pipe(kinds, v.description('How tgt is meant.')), 'glob')

export const targetWords = { tgt, tgt_type }
export const targetOrAll = { tgt: v.optional(tgt, '*'), tgt_type }

export interface TargetWords {
  readonly tgt: string
  readonly tgt_type: TargetKind
}

export const targetOf = ({ tgt: expression, tgt_type: kind }: TargetWords) => ({ kind, expression })

/** The accepted minions that are meant, sorted by id; none where none is. @throws TsaltError `target-invalid`, … */
export async function meantBy(
  words: TargetWords,
  { resolveTarget, access, actor }: Pick<RunnerContext, 'resolveTarget' | 'access' | 'actor'>,
): Promise<readonly AcceptedMinion[]> {
  access.requireTarget(actor, targetOf(words))
  try {
    return await resolveTarget(targetOf(words))
  } catch (error) {
    if (isTsaltError(error) && error.code === 'target-empty') return []
    throw error
  }
}
