/** One step of a path (`pillar.redis.port` has three), which every lookup in a template goes through. */
import { nearest } from '../../data/nearest.ts'
import { type Location, TemplateProblem } from './problem.ts'
import { baseKey, DictView, ListView } from './views.ts'

/** How many of the defined names an error lists. */
const listedNames = 8

/**
 * Only own data is ever reached: views, and the frames of loops.
 * @param must an undefined result is an error; else undefined is returned for the last step of a path
 */
export function step(parent: unknown, name: string, must: boolean, at: Location | undefined): unknown {
  const [found, value] = read(parent, name)
  if (found && (value !== undefined || !must)) return value
  if (!must && isContainer(parent)) return undefined
  throw undefinedProblem(parent, name, at)
}

export function undefinedProblem(parent: unknown, name: string, at: Location | undefined): TemplateProblem {
  const names = namesIn(parent)
  const near = nearest(name, names)
  const known = names.slice(0, listedNames).join(', ') + (names.length > listedNames ? ', …' : '')
  const hint = near ? `Did you mean "${near}"?` : known === '' ? undefined : `Defined here: ${known}.`
  return new TemplateProblem('template-undefined', { name, where: describe(parent) }, at, hint)
}

function describe(parent: unknown): string {
  if (parent === undefined) return 'because what it is looked up in is not defined either'
  if (isContainer(parent)) return 'here'
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
