/** What an operator may look at: asked of the rules before anything is shown. */
import type { MinionId } from '../../shared/ids.ts'
import type { Access, Sight } from '../auth/access.ts'
import type { Actor } from '../auth/actor.ts'

/** @throws TsaltError `access-denied`. @param minions absent: all of them */
export const requireSight = (
  access: Access,
  actor: Actor,
  what: Sight,
  minions?: readonly MinionId[],
): Promise<void> =>
  access.require(actor, { kind: 'see', what, ...(minions === undefined ? {} : { minions }) })

/**
 * Of a list, what may be seen; the rest is left out without a word.
 * @param minionsOf whom an entry tells of @param own whether it is the actor's own doing, which is always shown
 */
export async function seen<Entry>(
  { access, actor, what }: { readonly access: Access; readonly actor: Actor; readonly what: Sight },
  entries: readonly Entry[],
  minionsOf: (entry: Entry) => readonly MinionId[],
  own: (entry: Entry) => boolean = () => false,
): Promise<readonly Entry[]> {
  if (actor.grants === 'everything') return entries
  const asked = entries.map((entry) => ({ entry, ids: minionsOf(entry), isOwn: own(entry) }))
  const foreign = asked.filter(({ isOwn }) => !isOwn).flatMap(({ ids }) => ids)
  const visible = await access.sees(actor, what, [...new Set(foreign)])
  if (visible === 'all') return entries
  return asked
    .filter(({ ids, isOwn }) => isOwn || (ids.length > 0 && ids.every((id) => visible.has(id))))
    .map(({ entry }) => entry)
}

export async function maySee(
  access: Access,
  actor: Actor,
  what: Sight,
  minions?: readonly MinionId[],
): Promise<boolean> {
  if (actor.grants === 'everything') return true
  return access.allows(actor, { kind: 'see', what, ...(minions === undefined ? {} : { minions }) })
}
