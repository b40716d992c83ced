/**
 * `npx tsx test/bench/swarm/main.ts [--minions 5000] [--scenario idle,ping,killed,highstate] [--runs 100]`: a fleet of
 * simulated minions over real mutual TLS against the built master, beside the budgets of docs/performance.md, which
 * are for 5,000 minions on two quiet cores. Exit code 1 where one does not hold.
 */
import { parseArgs } from 'node:util'
import { openFleet } from './fleet.ts'
import { noted, type Result, table } from './result.ts'
import { highstate } from './scenarios/highstate.ts'
import { idle } from './scenarios/idle.ts'
import { killed } from './scenarios/killed.ts'
import { ping } from './scenarios/ping.ts'
import { rest } from './scenarios/rest.ts'
import { Swarm } from './swarm.ts'

const { values } = parseArgs({
  options: {
    minions: { type: 'string', default: '5000' },
    scenario: { type: 'string', default: 'idle,ping,killed,highstate' },
    runs: { type: 'string', default: '100' },
    crews: { type: 'string', default: '2' },
    'ping-interval': { type: 'string', default: '30' },
    /** The master is stopped and not killed at the end, so that it writes a profile where it was told to. */
    orderly: { type: 'boolean', default: false },
  },
})

const scenarios: Readonly<Record<string, (swarm: Swarm) => Promise<Result[]>>> = {
  idle,
  ping: (swarm) => ping(swarm, Number(values.runs)),
  killed,
  rest,
  highstate,
}

async function main(): Promise<void> {
  const wanted = values.scenario.split(',').filter(Boolean)
  for (const name of wanted) if (!(name in scenarios)) throw new Error(`there is no scenario ${name}`)
  const started = performance.now()
  const log = (text: string): void => {
    process.stderr.write(`${((performance.now() - started) / 1000).toFixed(1)} s: ${text}\n`)
  }
  const swarm = await Swarm.open({
    fleet: openFleet(Number(values.minions), log),
    port: 20_000 + (process.pid % 12_000),
    crews: Number(values.crews),
    pingInterval: Number(values['ping-interval']),
    log,
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void swarm.close().then(() => process.exit(130)))
  const results: Result[] = []
  try {
    const took = await swarm.gather(900)
    results.push(
      noted(`${swarm.count} minions connected for the first time`, `${(took / 1000).toFixed(1)} s`),
    )
    log(`connected, master ${swarm.master.memory()} MB, ${Math.round(swarm.master.processorTime())} ms`)
    for (const name of wanted) {
      log(`scenario ${name}`)
      results.push(...((await scenarios[name]?.(swarm)) ?? []))
    }
  } finally {
    process.stdout.write(`${table(results)}\n`)
    if (values.orderly) await swarm.master.end('SIGTERM')
    await swarm.close()
  }
  if (results.some(({ holds }) => holds === false)) process.exitCode = 1
}

await main()
