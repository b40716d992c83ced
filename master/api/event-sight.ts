/** Which events an operator may see: those of minions that it may look at; all of them with a rule for events as such. */
import { decodeValue, type Json } from '../../shared/data/codec.ts'
import { isDict, isList } from '../../shared/data/value.ts'
import { isMinionId, type MinionId } from '../../shared/ids.ts'
import type { Access } from '../auth/access.ts'
import type { Actor } from '../auth/actor.ts'
import type { EventRow } from '../store/events.ts'
import { maySee } from './sight.ts'

export type EventSight = (event: EventRow) => Promise<boolean>

/** Decided for each event by the rules as they are when it comes. */
export async function eventSight(access: Access, actor: Actor): Promise<EventSight> {
  if (await maySee(access, actor, 'events')) return async () => true
  return async ({ tag, data }) => {
    const { minions, user } = subjectOf(tag, data)
    if (user === actor.name) return true
    return minions.length > 0 && maySee(access, actor, 'events', minions)
  }
}

const ofMinion = /^(?:minion|salt\/(?:minion|beacon))\/([^/]+)\//
const ofJob = /^salt\/(?:job\/\d{20}\/(?:ret|prog)|state_result\/\d{20})\/([^/]+)/

/** Whom an event tells of; of what the master says of itself: nobody. */
function subjectOf(tag: string, json: Json): { minions: readonly MinionId[]; user?: string } {
  const named = (ofMinion.exec(tag) ?? ofJob.exec(tag))?.[1]
  if (named !== undefined) return { minions: isMinionId(named) ? [named] : [] }
  if (!tag.startsWith('salt/job/')) return { minions: [] }
  const data = decodeValue(json)
  if (!isDict(data)) return { minions: [] }
  const minions = data.get('minions')
  const user = data.get('user')
  return {
    minions: isList(minions)
      ? minions.filter((id): id is MinionId => typeof id === 'string' && isMinionId(id))
      : [],
    ...(typeof user === 'string' ? { user } : {}),
  }
}
