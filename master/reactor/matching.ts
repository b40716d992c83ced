/**
 * Which entries an event is for. What a minion told stands below `minion/<id>/` and never passes for what the master
 * saw itself: a glob of other tags sees only the minion's own words, and those not where they begin with `salt/`.
 */
import { compileGlob, type Glob } from '../../shared/targeting/glob.ts'
import type { ReactorEntry } from './entry.ts'

/** @returns the tag as the entry's files see it; undefined: the event is not for it */
export type TagMatcher = (tag: string) => string | undefined

const told = /^minion\/([^/]+)\/(.*)$/s
const start = /^salt\/minion\/[^/]+\/start$/

export interface ToldTag {
  readonly id: string
  /** The minion's own words. */
  readonly tag: string
}

/** undefined: it is no tag of a minion's event. */
export function toldTag(tag: string): ToldTag | undefined {
  const [, id, own] = told.exec(tag) ?? []
  return id === undefined || own === undefined ? undefined : { id, tag: own }
}

/** What a minion's beacon saw: its id is the session's, the rest is what the minion says. */
export const isSight = (tag: string): boolean => tag.startsWith('salt/beacon/')

export function matcherOf({ glob, from }: Pick<ReactorEntry, 'glob' | 'from'>): TagMatcher {
  const matches = compileGlob(glob)
  return (tag) => {
    const own = toldTag(tag)
    if (from !== 'anyone' && (from === 'minions') !== (own !== undefined || isSight(tag))) return undefined
    return own === undefined ? ofMaster(glob, matches, tag) : ofMinion(glob, matches, tag, own.tag)
  }
}

function ofMaster(glob: string, matches: Glob, tag: string): string | undefined {
  // What the reactor tells of itself makes it do something only where somebody wants exactly that.
  if (tag.startsWith('salt/reactor/') && !glob.startsWith('salt/reactor/')) return undefined
  // Salt's name of it from before tags had slashes.
  if (glob === 'minion_start' && start.test(tag)) return glob
  return matches(tag) ? tag : undefined
}

function ofMinion(glob: string, matches: Glob, tag: string, own: string): string | undefined {
  if (glob.startsWith('minion/')) return matches(tag) ? tag : undefined
  return !own.startsWith('salt/') && matches(own) ? own : undefined
}
