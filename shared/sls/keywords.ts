/** Words that mean the same in every state: requisites and global arguments. */
import { type RequisiteKind, requisiteKinds } from './low.ts'

/** "Did you mean" looks through all names, so only for so many mistakes; a thousand of them have one reason. */
export const mostSuggested = 20

/** `require_in: …` makes the target require this state. */
export const requisiteIns: ReadonlyMap<string, RequisiteKind> = new Map([
  ['require_in', 'require'],
  ['watch_in', 'watch'],
  ['onchanges_in', 'onchanges'],
  ['onfail_in', 'onfail'],
  ['prereq_in', 'prereq'],
  ['listen_in', 'listen'],
])

const kinds: ReadonlySet<string> = new Set(requisiteKinds)

export function isRequisiteKind(name: string): name is RequisiteKind {
  return kinds.has(name)
}

/** Arguments that are lists of references; an extension adds to them. */
export const listRequisites: ReadonlySet<string> = new Set([
  ...requisiteKinds,
  ...requisiteIns.keys(),
  'use',
  'use_in',
])

/** Where a dotted module is a mistake and not only trimmed. */
export const strictKinds: ReadonlySet<string> = new Set(['require', 'watch', 'prereq', 'onchanges'])

/** Arguments that every state takes. */
export const globalArguments: ReadonlySet<string> = new Set([
  'onlyif',
  'unless',
  'creates',
  'check_cmd',
  'retry',
  'failhard',
  'runas',
  'runas_password',
  'umask',
  'parallel',
  'aggregate',
  'fire_event',
  'reload_modules',
  'reload_grains',
  'reload_pillar',
  'onfail_stop',
  'provider',
  'saltenv',
  'cmd_opts_exclude',
])

/** Options of the commands of onlyif and unless: any state with one of those takes them. */
export const guardOptions: ReadonlySet<string> = new Set([
  'cwd',
  'root',
  'env',
  'prepend_path',
  'timeout',
  'success_retcodes',
  'shell',
])

/** Names for "did you mean" beside the arguments of the function itself. */
export const commonArguments: readonly string[] = [
  ...listRequisites,
  ...globalArguments,
  'name',
  'names',
  'order',
]
