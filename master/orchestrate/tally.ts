/** Whether a state that ran on minions went well, by `fail_minions`, `allow_fail` and `expect_minions`. Pure. */
import type { Plain } from '../../shared/data/value.ts'
import { failure, type StateOutcome } from '../../shared/run/outcome.ts'
import type { FleetResult, MinionResult } from './fleet-result.ts'

export interface Allowance {
  /** Minions whose failure does not count. */
  readonly failMinions: readonly string[]
  /** So many failures are no failure. */
  readonly allowFail: number
  readonly expectMinions: boolean
}

export interface Tally {
  /** Of minions whose failure counts; more than allowed: the state fails. */
  readonly failed: readonly MinionResult[]
  readonly isFailure: boolean
  /** What to tell of minions without a return, a line each kind. */
  readonly absent: readonly string[]
}

export function tallyOf({ minions }: FleetResult, allowance: Allowance): Tally {
  const excused = new Set(allowance.failMinions)
  const failed = minions.filter(
    (one) => !one.ok && !excused.has(one.id) && (allowance.expectMinions || one.end !== 'offline'),
  )
  return { failed, isFailure: failed.length > allowance.allowFail, absent: absentLines(minions) }
}

const words = {
  offline: 'offline, and nothing will run there later',
  lost: 'connection lost; what is under way there goes on',
  silent: 'nothing heard in time; what is under way there goes on',
} as const

function absentLines(minions: readonly MinionResult[]): string[] {
  return (['offline', 'lost', 'silent'] as const).flatMap((end) => {
    const ids = minions.filter((one) => one.end === end).map(({ id }) => id)
    return ids.length === 0 ? [] : [`${namesOf(ids)}: ${words[end]}`]
  })
}

const shown = 30

export function namesOf(ids: readonly string[]): string {
  if (ids.length <= shown) return ids.join(', ')
  return `${ids.slice(0, shown).join(', ')} and ${ids.length - shown} more`
}

/** Where there is nothing to tally. undefined: there is */
export function emptyOutcome(result: FleetResult, expectMinions: boolean): StateOutcome | undefined {
  if (result.nobody === undefined) return undefined
  if (expectMinions) return failure(result.nobody)
  return { result: true, comment: `${result.nobody} None were expected.`, changes: {}, ran: true }
}

/** Salt's mapping of what minions answered, by id. */
export function returnsOf(minions: readonly MinionResult[]): Plain {
  return new Map(minions.map(({ id, ret }) => [id, ret]))
}
