/**
 * `npx tsx test/bench/services.ts` (after `npm run build`, as root): what a hundred service.running cost a minion where
 * nothing is to be changed, on a Debian host with systemd of its own: the one question to systemd, and the states. The least
 * of some runs, with real-time priority where the host grants it.
 */
import { properties } from '../../minion/providers/service/systemd/unit-state.ts'
import { Fleet } from '../hosts/harness/fleet.ts'
import type { Host } from '../hosts/harness/host.ts'
import { apply } from '../hosts/harness/laws.ts'
import { Site } from '../hosts/harness/site.ts'

const rounds = 9
const units = Array.from({ length: 100 }, (_, index) => `sleeper@${index}`)
const states = {
  'services.sls': units
    .map((name) => `unit-${name}: {service.running: [name: ${name}, enable: False]}\n`)
    .join(''),
}
const unit = '[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n'
const priority = ['chrt', '-r', '50']

const question = `const { spawnSync } = require('node:child_process')
const words = ${JSON.stringify(['show', '--no-pager', `--property=${properties.join(',')}`, '--', ...units.map((name) => `${name}.service`)])}
const { readFileSync } = require('node:fs')
// Hundredths of seconds that systemd has worked; and its client, in microseconds.
const worked = () => readFileSync('/proc/1/stat', 'utf8').split(') ')[1].split(' ').slice(11, 15).reduce((sum, one) => sum + Number(one), 0) * 10
const before = worked()
const times = Array.from({ length: ${rounds} }, () => {
  const from = performance.now()
  const { status, stdout } = spawnSync('systemctl', words, { encoding: 'utf8' })
  if (status !== 0 || stdout.split('\\n\\n').length !== ${units.length}) throw new Error(stdout)
  return performance.now() - from
})
console.error(times.map(Math.round).join(' ') + ' ms; CPU time of systemd for each: ' + Math.round((worked() - before) / times.length) + ' ms')
console.log(Math.min(...times))`

/** Milliseconds of one \`systemctl show\` of all units. */
async function timeOfQuestion(host: Host): Promise<number> {
  // Who answers is the init of the host.
  const granted = (await host.exec(['chrt', '-a', '-r', '-p', '50', '1'])).code === 0
  const { code, stdout, stderr } = await host.exec([...(granted ? priority : []), 'node', '-e', question])
  if (code !== 0) throw new Error(stderr)
  process.stderr.write(`${granted ? 'with' : 'without'} priority: ${stderr}`)
  return Number(stdout)
}

const fleet = await Fleet.boot(['master', 'one'])
try {
  const site = await Site.install(fleet, { states, pillars: {} })
  const host = await site.join({ host: 'one', id: 'one' })
  host.write('/etc/systemd/system/sleeper@.service', unit)
  await host.sh(`systemctl daemon-reload; systemctl start ${units.join(' ')}
    chrt -a -r -p 50 $(systemctl show -P MainPID tsalt-minion) || renice -20 $(systemctl show -P MainPID tsalt-minion)`)
  const taken: number[] = []
  for (let round = 0; round < rounds; round++) {
    const returns = Object.values(await apply(site, 'one', ['state.apply', 'services']))
    const bad = returns.find(({ result, changes }) => result !== true || Object.keys(changes).length > 0)
    if (returns.length !== units.length || bad) throw new Error(bad?.comment ?? `${returns.length} states`)
    taken.push(returns.reduce((sum, { duration = 0 }) => sum + duration, 0))
  }
  const [asked, run] = [await timeOfQuestion(host), Math.min(...taken)]
  process.stdout.write('| nothing to change | in the minion | at most |\n|---|---|---|\n')
  process.stdout.write(
    `| 100 service.running: one question, ${asked.toFixed(0)} ms, and the states, ${run.toFixed(0)} ms | ${(asked + run).toFixed(0)} ms | 100 ms |\n`,
  )
} finally {
  await fleet.halt()
}
