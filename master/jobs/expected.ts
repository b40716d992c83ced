/** What a job will probably take, going by the last ones with the same function and arguments. */
import type { JobAccount } from '../api/schemas.ts'
import type { JobRow } from '../store/jobs.ts'
import type { ServiceContext } from './service-context.ts'

/** Runs that are looked at. */
const most = 3

/** Over the minions of the job, and where none of them had such a run over all. undefined: there were none. */
export async function expectedOf(
  { store }: ServiceContext,
  row: JobRow,
): Promise<JobAccount['expected'] | undefined> {
  const runs = await store.jobs.alike(row, most)
  if (runs.length === 0) return undefined
  const meant = new Set((await store.jobs.targets(row.jid)).map(({ id }) => id))
  const own: number[] = []
  const others: number[] = []
  let counted = 0
  for (const jid of runs) {
    const durations = await store.returns.durations(jid)
    if (durations.size > 0) counted += 1
    for (const [id, duration] of durations) (meant.has(id) ? own : others).push(duration)
  }
  const durations = (own.length > 0 ? own : others).sort((a, b) => a - b)
  const longest = durations.at(-1)
  if (longest === undefined) return undefined
  return { usual: durations[Math.floor(durations.length / 2)] ?? longest, longest, runs: counted }
}
