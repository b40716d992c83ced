/** All mistakes of a tree for a terminal: each with its place, in order; of thousands the first hundred. */
import { describeError, type TsaltError } from '../errors/error.ts'

const most = 100

export function describeMistakes(errors: readonly TsaltError[]): string[] {
  const described = errors.slice(0, most).map(describeError)
  const left = errors.length - described.length
  return left > 0 ? [...described, `${left} more mistakes are not shown.`] : described
}
