/** What our errors and Salt's have in common: the kind, and the SLS at fault. */

import { type Dict, isDict, isList } from '../../shared/data/value.ts'
import type { TsaltError } from '../../shared/errors/error.ts'
import type { Tree } from '../../shared/sls/tree.ts'
import type { SlsAnswer } from './answers.ts'

/** Our code → what Salt's answers call it. One mistake in the structure has different names there by where it is found. */
const structure = ['not-a-dict', 'high-structure', 'other']
const kinds: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^jinja-undefined$/, ['undefined']],
  // Salt has no module for a program that is not installed.
  [/^database-program-missing$/, ['undefined', 'missing-function']],
  [/^jinja-syntax$/, ['jinja-syntax']],
  [/^jinja-template-missing$/, ['missing-template']],
  [/^template-call-unknown$/, ['missing-function', 'jinja-runtime']],
  [/^jinja-/, ['jinja-runtime']],
  [/^yaml-|^language-(?:json|toml)/, ['yaml']],
  [/^sls-missing$/, ['missing-sls']],
  [/^sls-id-duplicate$/, ['yaml', 'high-structure']],
  [/^(?:sls|extend|include|exclude|requisite)-/, structure],
]

/**
 * Salt finds these only when it runs, or never, and compiles on: where a value is given twice the last counts, where
 * one is of no use the default.
 * @param low of the whole run
 */
export function isForRunOnly({ code, parameters }: TsaltError, low: readonly Dict[]): boolean {
  switch (code) {
    case 'requisite-cycle':
    case 'sls-argument-twice':
    case 'sls-order-invalid':
    case 'sls-function-missing':
      return true
    case 'exclude-invalid':
      // Salt passes over an entry of another kind.
      return String(parameters.reason).startsWith('an entry is neither')
    case 'sls-argument-invalid':
      return parameters.reason !== '"names" is not a list'
    case 'sls-body-invalid':
      // An ID with an empty mapping: no state at all.
      return parameters.reason === 'it has no state function'
    case 'requisite-missing':
      if (!/^(?:require|watch|onchanges|onfail|prereq)_in$/.test(String(parameters.kind))) return true
      return !isMissed(String(parameters.reference), low)
    default:
      return false
  }
}

/** Salt asks nothing of an SLS without states or of a bare name; else it takes the only state that has the name in any argument. */
function isMissed(reference: string, low: readonly Dict[]): boolean {
  const [, module, name] = /^"(\w+): (.*)"$/s.exec(reference) ?? []
  if (module === undefined || module === 'sls') return false
  if (isAddedTo(name ?? '', low)) return false
  const having = low.filter(
    (chunk) => chunk.get('state') === module && [...chunk.values()].includes(name ?? ''),
  )
  return new Set(having.map((chunk) => chunk.get('__id__'))).size !== 1
}

/** Salt looks for the ID's module only where nothing else was asked of the ID before. */
function isAddedTo(id: string, low: readonly Dict[]): boolean {
  const modules = new Set(low.flatMap((chunk) => (chunk.get('__id__') === id ? [chunk.get('state')] : [])))
  const asked = low.flatMap((chunk) =>
    ['require_in', 'watch_in', 'onchanges_in', 'onfail_in', 'prereq_in'].flatMap((kind) => {
      const list = chunk.get(kind)
      return isList(list) ? list : []
    }),
  )
  return asked.some(
    (one) => isDict(one) && [...one].some(([to, name]) => name === id && modules.has(String(to))),
  )
}

const python = new Set(['py', 'pyobjects', 'pydsl', 'stateconf', 'mako', 'cheetah', 'genshi', 'wempy'])

/** A renderer that Salt does not have either is one that the tree brings. */
export const needsPython = ({ code, parameters }: TsaltError): boolean =>
  code === 'language-renderer-unknown' ||
  (code === 'language-renderer-unsupported' && python.has(String(parameters.renderer)))

/** One of ours is of the kind and in the place that Salt says. */
export function refusedAlike(errors: readonly TsaltError[], answer: SlsAnswer, tree: Tree): boolean {
  const at = faultyPart(answer)
  return errors.some((error) => {
    const alike = kinds.find(([code]) => code.test(error.code))?.[1] ?? []
    // What Python says of a value that is not there depends on who stumbles over it.
    const isUndefined = error.code === 'jinja-undefined' && answer.summary.includes('StrictUndefined')
    if (!isUndefined && !alike.includes(answer.errorKind)) return false
    return at === undefined || placesOf(error, tree).has(at)
  })
}

/** The SLS that Salt names: that failed, or that is missing. */
export function faultyPart({ summary }: SlsAnswer): string | undefined {
  const forms = [
    /^Rendering SLS '[^:']*:([^']+)' failed/,
    /^Rendering SLS (\S+) failed/,
    /^Specified SLS (\S+) in saltenv/,
    /Cannot extend ID .* in '[^:']*:([^']+)'/,
    /\bin SLS '([^']+)'/,
    /\bin SLS "([^"]+)"/,
    /\bin SLS (\S+)/,
    /^SLS (\S+) does not render/,
  ]
  for (const form of forms) {
    const found = form.exec(summary)?.[1]
    if (found !== undefined) return found
  }
  return undefined
}

/** The names of all SLS that an error of ours has to do with: its own, and those through which its file was reached. */
function placesOf(error: TsaltError, tree: Tree): ReadonlySet<string> {
  const names = new Set<string>()
  if (error.parameters.sls !== undefined) names.add(String(error.parameters.sls))
  for (const place of [error.place, ...error.related.map((one) => one.place)]) {
    if (place === undefined) continue
    const path = /^(.*?)(?:\/init)?\.(?:sls|yaml)$/.exec(place.file)?.[1]
    if (path !== undefined && tree.has('base', place.file)) names.add(path.replaceAll('/', '.'))
  }
  return names
}
