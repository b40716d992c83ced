/** One step of a path (`pillar.redis.port` has three), which every lookup in a template goes through. */
import { nearest } from '../../data/nearest.ts'
import { type Location, TemplateProblem } from './problem.ts'
import { baseKey, DictView, ListView } from './views.ts'

/** How many of the defined names an error lists. */
const listedNames = 8

/**
 * Only own data is ever reached: views, and the frames of loops.
 * @param must an undefined result is an error; else undefined is returned for the last step of a path
 * @param path up to this step, for errors
 * @param whole the path to its end, for errors
 */
export function step(
  parent: unknown,
  name: string,
  must: boolean,
  at: Location | undefined,
  path?: string,
  whole?: string,
): unknown {
  const [found, value] = read(parent, name)
  if (found && (value !== undefined || !must)) return value
  if (!must && isContainer(parent)) return undefined
  throw undefinedProblem(parent, name, at, path, whole)
}

/** @param path `pillar.app.user`; default the name alone */
export function undefinedProblem(
  parent: unknown,
  name: string,
  at: Location | undefined,
  path: string = name,
  whole: string = path,
): TemplateProblem {
  const names = namesIn(parent)
  const near = nearest(name, names)
  const hint = near ? `Did you mean "${near}"?` : hintFor(names, whole)
  return new TemplateProblem('template-undefined', { name: path, where: describe(parent, path) }, at, hint)
}

/** What there is, and how a value of the minion gets a default: `pillar.app.user` as {{pillar "app:user" "DEFAULT"}}. */
function hintFor(names: readonly string[], whole: string): string | undefined {
  const [root = '', ...keys] = whole.split('.')
  const known = definedNames(names)
  if ((root !== 'pillar' && root !== 'grains') || keys.length === 0)
    return known === undefined ? undefined : `Defined here: ${known}.`
  const helper = root === 'pillar' ? 'pillar' : 'grain'
  const there = known === undefined ? '' : `There is: ${known}. `
  return `${there}With a default: {{${helper} "${keys.join(':')}" "DEFAULT"}}.`
}

/** What everybody uses comes first, and the names that each file has of itself last. */
function definedNames(names: readonly string[]): string | undefined {
  const own = /^(?:sls|tpl)/
  const ordered = [...names.filter((name) => !own.test(name)), ...names.filter((name) => own.test(name))]
  if (ordered.length === 0) return undefined
  return ordered.slice(0, listedNames).join(', ') + (ordered.length > listedNames ? ', …' : '')
}

function describe(parent: unknown, path: string): string {
  if (parent === undefined) return 'because what it is looked up in is not defined either'
  if (isContainer(parent)) return /^(?:pillar|grains)\./.test(path) ? 'for this minion' : 'here'
  return `in ${parent === null ? 'an empty value' : `the ${typeof parent} "${String(parent).slice(0, 40)}"`}`
}

function isContainer(parent: unknown): boolean {
  return typeof parent === 'object' && parent !== null
}

function read(parent: unknown, name: string): [found: boolean, value: unknown] {
  if (parent instanceof DictView) {
    const value = parent.get(name)
    if (value === undefined && name === 'length') return [true, parent.size]
    return [value !== undefined, value]
  }
  if (parent instanceof ListView) {
    if (name === 'length') return [true, parent.length]
    const value = /^-?\d{1,9}$/.test(name) ? parent.at(Number(name)) : undefined
    return [value !== undefined, value]
  }
  if (typeof parent === 'string' && name === 'length') return [true, parent.length]
  if (typeof parent !== 'object' || parent === null) return [false, undefined]
  if (Object.hasOwn(parent, name)) return [true, (parent as Record<string, unknown>)[name]]
  const base = baseKey in parent ? parent[baseKey] : undefined
  return base instanceof DictView ? read(base, name) : [false, undefined]
}

export function isDefined(parent: unknown, name: string): boolean {
  return read(parent, name)[0]
}

function namesIn(parent: unknown): string[] {
  if (parent instanceof DictView) return parent.keys()
  if (parent instanceof ListView || !isContainer(parent)) return []
  const object = parent as Record<string, unknown>
  const base = object[baseKey]
  const own = Object.keys(object).filter((name) => name !== baseKey && !name.startsWith('_'))
  return base instanceof DictView ? [...own, ...base.keys()] : own
}
