/** "Did you mean" for a path into pillar or grains: the path with its first wrong step mended. */
import { nearest } from './nearest.ts'
import { isDict, traverse, type Value } from './value.ts'

/** @returns a path that exists, as `app:user` for `app:usr` or for `ap:user`; undefined where none is close */
export function nearestPath(data: Value, path: string, delimiter = ':'): string | undefined {
  const steps = path.split(delimiter)
  const good: string[] = []
  let level: Value | undefined = data
  for (const [index, step] of steps.entries()) {
    const next: Value | undefined = traverse(level, step, delimiter)
    if (next !== undefined) {
      good.push(step)
      level = next
      continue
    }
    const near = isDict(level) ? nearest(step, [...level.keys()].map(String)) : undefined
    if (near === undefined) return undefined
    const whole = [...good, near, ...steps.slice(index + 1)].join(delimiter)
    return traverse(data, whole, delimiter) === undefined ? [...good, near].join(delimiter) : whole
  }
  return undefined
}
