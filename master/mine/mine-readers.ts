/** Who may read what a minion left in the mine: a target of the minion's own choice, over those that ask. */
import type { Logger } from 'pino'
import { TsaltError } from '../../shared/errors/error.ts'
import type { MineReaders } from '../../shared/protocol/messages/mine-put.ts'
import { type CompiledTarget, compileTarget } from '../../shared/targeting/compile-target.ts'
import { TargetError } from '../../shared/targeting/target.ts'
import { matchMinions, needsTable, orInvalid, refreshTable } from '../targeting/match.ts'
import type { AcceptedMinion, TargetingParts } from '../targeting/resolve.ts'

export interface ReaderParts {
  readonly targeting: Required<Pick<TargetingParts, 'accepted' | 'table' | 'pillarOf' | 'nodegroups'>>
  readonly log: Logger
}

/** @throws TsaltError `target-invalid`, with its place */
export function compileReaders(
  readers: MineReaders,
  nodegroups: TargetingParts['nodegroups'],
): CompiledTarget {
  if (readers.expression.trim() === '')
    throw new TsaltError('target-invalid', { expression: '', reason: 'it is empty' })
  return orInvalid(readers, () => compileTarget({ ...readers, nodegroups }))
}

/**
 * @param pillars false: the pillar of who asks is only being made, so what hangs on it is not for its eyes
 * @returns what tells whether this minion may read; each target is looked at once
 */
export function readingOf(
  asker: AcceptedMinion,
  { targeting, log }: ReaderParts,
  pillars: boolean,
): (readers: MineReaders | undefined) => Promise<boolean> {
  const known = new Map<string, Promise<boolean>>()
  const look = async (readers: MineReaders): Promise<boolean> => {
    try {
      const compiled = compileReaders(readers, targeting.nodegroups)
      const { table } = targeting
      if (needsTable(compiled)) await refreshTable(table, targeting.accepted())
      const pillarOf = pillars ? targeting.pillarOf : notMadeYet
      return (await matchMinions({ target: readers, compiled, table, pillarOf }, [asker])).length > 0
    } catch (error) {
      // A nodegroup is gone, a pillar is broken: nobody reads what only some may read.
      log.debug({ err: error, id: asker.id, readers }, 'who may read an entry of the mine cannot be told')
      return false
    }
  }
  return (readers) => {
    if (readers === undefined) return yes
    const key = `${readers.kind} ${readers.expression}`
    const answer = known.get(key) ?? look(readers)
    known.set(key, answer)
    return answer
  }
}

const yes = Promise.resolve(true)

const notMadeYet = (): never => {
  throw new TargetError('the pillar of who asks is only being made')
}
