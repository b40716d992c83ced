/** Two hundred simulated minions at the built master: everybody answers, everybody comes back, nothing is lost. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { JobAccount, JobSubmission } from '../../../master/api/schemas.ts'
import type { JobId } from '../../../shared/ids.ts'
import { statesInHighstate } from '../../bench/swarm/answers.ts'
import { Crew } from '../../bench/swarm/crew.ts'
import { openFleet } from '../../bench/swarm/fleet.ts'
import { SwarmMaster } from '../../bench/swarm/swarm-master.ts'
import { freePort } from '../stage/free-port.ts'
import { until } from '../stage/stage.ts'

const count = 200
const patience = 90
const pingAll: JobSubmission = {
  target: { kind: 'glob', expression: '*' },
  fun: 'test.ping',
  args: [],
  kwargs: {},
}
const folder = mkdtempSync(join(tmpdir(), 'tsalt-crew-'))
let master: SwarmMaster
let crew: Crew

beforeAll(async () => {
  const fleet = openFleet(count, () => {})
  const port = await freePort()
  master = new SwarmMaster(fleet, port, 'ping_interval: 5\ntimeout: 60\n')
  await master.start()
  crew = new Crew({
    members: fleet.members,
    from: 0,
    to: count,
    authority: readFileSync(join(fleet.pki, 'ca.crt'), 'utf8'),
    folder,
    port,
    grains: { os: 'Debian', num_cpus: 2 },
    reconDefault: 100,
    reconMax: 1_000,
    pingInterval: 5_000,
  })
  crew.start()
  await allConnected()
}, 120_000)

afterAll(async () => {
  await crew?.stop()
  await master?.close()
  rmSync(folder, { recursive: true, force: true })
})

const allConnected = (): Promise<true> =>
  until('all to be connected', patience, async () => crew.report().connected === count || undefined)

/** One return of each, and each minion applied it once. */
async function endsEverywhere(jid: JobId): Promise<JobAccount> {
  const job = await until(`${jid} to end on all`, patience, async () => {
    const found = await master.client.job(jid).catch(() => undefined)
    return found?.targets.every(({ status }) => status === 'returned') ? found : undefined
  })
  expect(new Set(job.targets.map(({ id }) => id)).size).toBe(count)
  const outcomes = job.targets.map(({ return: result, strays }) => [result?.outcome, strays])
  expect(outcomes).toEqual(Array.from({ length: count }, () => ['done', undefined]))
  expect(new Map(crew.report().applied).get(jid)).toBe(count)
  return job
}

test('every minion is on the screen, each once', async () => {
  for (let run = 0; run < 3; run++) {
    const { stdout, status } = await master.run(['*', 'test.ping', '--out', 'txt'])
    const lines = stdout.trimEnd().split('\n')
    expect(lines.filter((line) => /^s\d{5}: True$/.test(line))).toHaveLength(count)
    expect([new Set(lines).size, status]).toEqual([count, 0])
  }
}, 180_000)

test('highstates of all are stored whole and shown in one line', async () => {
  const { stdout, status } = await master.run(['*', 'state.highstate'])
  expect(stdout).toMatch(new RegExp(`\\(${count} minions, identical\\): Succeeded: ${statesInHighstate}\\b`))
  expect(stdout).toContain(`Summary of ${count} minions: ${count} in order`)
  expect(status).toBe(0)
  const [last] = await master.client.jobs(1)
  const job = await endsEverywhere(last?.jid as JobId)
  for (const { return: result } of job.targets)
    expect(Object.keys(result?.ret as object)).toHaveLength(statesInHighstate)
}, 180_000)

test('after kill -9 everybody is back, and what was accepted before and meanwhile reaches each once', async () => {
  const before = (await master.client.submit(pingAll)).jid
  await master.end('SIGKILL')
  await until('all to notice', patience, async () => crew.report().connected === 0 || undefined)
  await master.start()
  const meanwhile = (await master.client.submit(pingAll)).jid
  await allConnected()
  await endsEverywhere(before)
  await endsEverywhere(meanwhile)
  expect(crew.report()).toMatchObject({ faults: 0, lastFault: '', unsent: 0 })
}, 240_000)
