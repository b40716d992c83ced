/** What the minions of one process did. */
import type { JobId } from '../../../shared/ids.ts'

export interface Counts {
  connected: number
  /** Greetings that were answered. */
  connections: number
  attempts: number
  deliveries: number
  /** Deliveries of what was there already: acknowledged again, not applied again. */
  repeated: number
  /** Results that the master has not said to have stored. */
  unsent: number
  stored: number
  /** What must not happen. */
  faults: number
  lastFault: string
  /** Job → by how many minions it was applied. */
  readonly applied: Map<JobId, number>
}

export const noCounts = (): Counts => ({
  connected: 0,
  connections: 0,
  attempts: 0,
  deliveries: 0,
  repeated: 0,
  unsent: 0,
  stored: 0,
  faults: 0,
  lastFault: '',
  applied: new Map(),
})

/** As it goes from a crew's process to the one that asks. */
export interface Report extends Omit<Counts, 'applied'> {
  readonly applied: readonly (readonly [JobId, number])[]
}

export function sumOf(reports: readonly Report[]): Report {
  const all = noCounts()
  for (const { applied, lastFault, ...numbers } of reports) {
    for (const name of Object.keys(numbers) as (keyof typeof numbers)[]) all[name] += numbers[name]
    if (lastFault !== '') all.lastFault = lastFault
    for (const [jid, count] of applied) all.applied.set(jid, (all.applied.get(jid) ?? 0) + count)
  }
  return { ...all, applied: [...all.applied] }
}
