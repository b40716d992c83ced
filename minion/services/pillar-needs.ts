/** Which modules a pillar is compiled for before their first call. */

/** Modules that read `look.pillar`: the pillar is compiled before their first call. */
export const pillarReaders: ReadonlySet<string> = new Set([
  'pillar',
  'config',
  'file',
  'match',
  'mine',
  'slsutil',
])
/** Modules whose answers may hold anything that is on the machine: what is secret has to be known before them. */
export const tellers: ReadonlySet<string> = new Set(
  'cmd event service pkg saltutil environ http cp'.split(' '),
)
