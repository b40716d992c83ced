/** Schedules from several places, laid over each other. */
import { type Dict, isDict, type Value } from '../data/value.ts'

/**
 * Later ones over earlier ones; an entry without a function changes what is below it (`enabled: False`).
 * `enabled` beside the entries is a switch for all.
 */
export function laidOver(...layers: readonly Dict[]): Dict {
  const whole: Dict = new Map()
  for (const layer of layers)
    for (const [name, entry] of layer) {
      const below = whole.get(name)
      const isPatch = isDict(entry) && !entry.has('function') && below !== undefined && isDict(below)
      if (isPatch) whole.set(name, new Map([...below, ...entry]))
      else if (name === 'enabled' || (isDict(entry) && entry.has('function'))) whole.set(name, entry)
    }
  return whole
}

/** Entries only: without the switch, and without Salt's own keys. */
export const jobsOf = (schedule: Dict): [string, Value][] =>
  [...schedule].flatMap(([name, entry]) => (isDict(entry) ? [[String(name), entry]] : []))

export const isOn = (entry: Value): boolean => isDict(entry) && entry.get('enabled') !== false

/** What is kept with one entry's switch set; an entry of elsewhere stays there and is only changed here. */
export function switched(kept: Dict, name: string, enabled: boolean): Dict {
  const own = kept.get(name) ?? null
  return new Map(kept).set(name, new Map(isDict(own) ? own : []).set('enabled', enabled))
}

/** A modified entry: what is not given of function and arguments stays. */
export function modified(old: Dict, given: Dict): Dict {
  const stays = [...old].filter(([key]) =>
    /^(?:function|(?:job_)?(?:args|kwargs)|enabled)$/.test(String(key)),
  )
  return new Map([...stays, ...given])
}
