/** What an operator leaves behind to be run later is run by that operator's rights, as they are then. */
import { type Dict, isDict, type Value } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import type { Actor } from '../auth/actor.ts'

/**
 * An entry with its `as`.
 * @throws TsaltError `access-denied` where it names somebody else
 */
export function ownRights(entry: Value, actor: Actor, act: string): Dict {
  const given: Dict = isDict(entry) ? entry : new Map<string, Value>([['sls', entry]])
  if (actor.grants === 'everything') return given
  const as = given.get('as') ?? actor.name
  if (as !== actor.name)
    throw new TsaltError('access-denied', { name: actor.name, act: `${act} as ${String(as)}` })
  return new Map(given).set('as', actor.name)
}
