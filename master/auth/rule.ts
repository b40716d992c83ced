/** A rule of the configuration: for whom its grants are. */
import type { Place } from '../../shared/data/place.ts'
import type { Grant } from './grant.ts'

export interface Rule {
  /** Names as an Actor has them (`alice`, `pam:bob`), groups as `%web`, `pam:%wheel`; `*`, `pam:*`: everybody. */
  readonly who: readonly string[]
  readonly grants: readonly Grant[]
  readonly place: Place | undefined
}

/** @param groups of the actor, without `%` */
export function isFor({ who }: Rule, actor: string, groups: readonly string[]): boolean {
  const prefix = actor.startsWith('pam:') ? 'pam:' : ''
  // Directory services may know a user of the name "%wheel".
  const own = actor.startsWith(`${prefix}%`) ? undefined : actor
  return who.some(
    (name) => name === own || name === `${prefix}*` || groups.some((group) => name === `${prefix}%${group}`),
  )
}
