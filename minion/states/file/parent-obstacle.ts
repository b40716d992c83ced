/** Why something cannot be put at a path: what is above it is no directory, or not there. */
import type { Reader } from '../../system/reader.ts'
import { type Decision, failed, type StateRun, unknown } from '../contract.ts'
import { blockingParent, parentHint, parentState } from './parents.ts'

/** @param complaint Salt's words for a directory that is missing */
export async function parentObstacle(
  { name, makedirs }: { readonly name: string; readonly makedirs: boolean },
  complaint: string,
  look: Reader,
  run: StateRun,
): Promise<Decision | undefined> {
  const blocking = await blockingParent(name, look)
  if (blocking !== undefined) return failed(`${blocking} is not a directory, so ${name} cannot be made`)
  if (makedirs) return undefined
  const parent = await parentState(name, look, run)
  if (parent === 'uncertain')
    return unknown(`the directory of ${name} does not exist yet; an earlier state may make it`)
  return parent === 'missing' ? failed(complaint, parentHint(name)) : undefined
}
