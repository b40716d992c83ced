/**
 * `npx tsx test/bench/swarm/real.ts [--minions 50] [--runs 5]`: real minions, each a daemon of its own below a scratch
 * folder, beside what Salt took with as many on such a machine (2.4 s a ping, 45 s a highstate that changes nothing).
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Daemon } from '../../integration/stage/daemon.ts'
import { until } from '../../integration/stage/stage.ts'
import { statesInHighstate } from './answers.ts'
import { atMost, noted, type Result, table } from './result.ts'
import { SwarmMaster } from './swarm-master.ts'

const { values } = parseArgs({
  options: { minions: { type: 'string', default: '50' }, runs: { type: 'string', default: '5' } },
})
const count = Number(values.minions)
const runs = Number(values.runs)
/** What Salt took with fifty, in seconds, and how many times as fast tsalt is to be. */
const salt = { ping: 2.4 / 5, highstate: 45 / 15 }

function writeTree(folder: string): void {
  const home = join(folder, 'managed')
  mkdirSync(home)
  const states = Array.from({ length: statesInHighstate }, (_, index) => {
    return `${home}/${index}:\n  file.managed:\n    - contents: line ${index}\n`
  })
  writeFileSync(join(folder, 'states/plain.yaml'), states.join(''))
  writeFileSync(join(folder, 'states/top.yaml'), "base: {'*': [plain]}\n")
}

async function startMinions(master: SwarmMaster): Promise<Daemon[]> {
  const minions: Daemon[] = []
  for (let index = 0; index < count; index++) {
    const id = `real${String(index).padStart(3, '0')}`
    const { token } = await master.client.post<{ token: string }>('/tokens', { idGlob: id, seconds: 3600 })
    mkdirSync(join(master.folder, id, 'etc/tsalt'), { recursive: true })
    const file = join(master.folder, id, 'etc/tsalt/minion')
    writeFileSync(file, `id: ${id}\njoin_token: '${token}'\n`, { mode: 0o600 })
    const minion = new Daemon('tsalt-minion', master.folder, id)
    minion.start()
    minions.push(minion)
  }
  return minions
}

async function allAnswer(master: SwarmMaster): Promise<void> {
  await until('all minions to be connected', 600, async () => {
    const found = await master.client.targets({ kind: 'glob', expression: 'real*' }).catch(() => undefined)
    return found?.targets.filter(({ connected }) => connected).length === count || undefined
  })
}

async function median(master: SwarmMaster, words: readonly string[], shown: RegExp): Promise<number> {
  const walls: number[] = []
  for (let run = 0; run <= runs; run++) {
    const { stdout, stderr, status, wall } = await master.run(words)
    if (status !== 0 || !shown.test(stdout)) throw new Error(`${words.join(' ')}: ${stdout} ${stderr}`)
    // The first one warms up.
    if (run > 0) walls.push(wall / 1000)
  }
  return walls.sort((a, b) => a - b)[Math.floor(walls.length / 2)] ?? 0
}

async function main(): Promise<void> {
  const master = new SwarmMaster(undefined, 20_000 + (process.pid % 12_000))
  let minions: Daemon[] = []
  const results: Result[] = []
  try {
    writeTree(master.folder)
    await master.start()
    const from = performance.now()
    minions = await startMinions(master)
    await allAnswer(master)
    results.push(
      noted(`${count} real minions started and joined`, `${Math.round((performance.now() - from) / 1000)} s`),
    )
    const pings = new RegExp(`(?:^real\\d+: True\\n){${count}}`, 'm')
    const ping = await median(master, ['*', 'test.ping', '--out', 'txt'], pings)
    results.push(atMost(`test.ping on ${count} real minions, a fifth of Salt`, ping, 's', salt.ping, 2))
    const inOrder = new RegExp(`Summary of ${count} minions: ${count} in order`)
    await master.run(['*', 'state.highstate'])
    const highstate = await median(master, ['*', 'state.highstate'], inOrder)
    const what = `no-change highstate of ${statesInHighstate} states, a fifteenth of Salt`
    results.push(atMost(what, highstate, 's', salt.highstate, 2))
    results.push(noted('master afterwards, RSS', `${master.memory()} MB`))
  } finally {
    process.stdout.write(`${table(results)}\n`)
    await Promise.all(minions.map((minion) => minion.lives && minion.end('SIGKILL')))
    await master.close()
  }
  if (results.some(({ holds }) => holds === false)) process.exitCode = 1
}

await main()
