/** The exit code of a job: Salt's where something failed, our finer ones only where nothing did. */
import type { Ending } from './job-ledger.ts'

export const exitCodes = {
  ok: 0,
  failed: 1,
  noReturn: 2,
  usage: 64,
  offline: 69,
  lost: 75,
  interrupted: 130,
} as const

export function exitCodeOfJob(endings: readonly Ending[]): number {
  const has = (...wanted: Ending[]): boolean => endings.some((ending) => wanted.includes(ending))
  if (has('failed', 'interrupted', 'timeout')) return exitCodes.failed
  // Salt: a minion that is there and does not answer is an error; nobody at all is "no return".
  if (has('silent')) return has('ok', 'cancelled') ? exitCodes.failed : exitCodes.noReturn
  if (has('cancelled')) return exitCodes.interrupted
  if (has('lost')) return exitCodes.lost
  if (has('offline', 'expired')) return exitCodes.offline
  return endings.length === 0 ? exitCodes.noReturn : exitCodes.ok
}
