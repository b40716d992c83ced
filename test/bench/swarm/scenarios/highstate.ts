/** A highstate of a hundred states that changes nothing, everywhere at once: stored, and shown by the command line. */
import { statesInHighstate } from '../answers.ts'
import { atMost, noted, type Result } from '../result.ts'
import type { Swarm } from '../swarm.ts'

export async function highstate(swarm: Swarm): Promise<Result[]> {
  const results: Result[] = []
  const forms: readonly (readonly string[])[] = [[], ['--state-output', 'full'], ['--out', 'json']]
  for (const form of forms) {
    const name = form.length === 0 ? 'short form' : form.join(' ')
    const master = swarm.master.processorTime()
    const { stdout, stderr, status, wall, peak } = await swarm.master.run(['*', 'state.highstate', ...form])
    const cost = swarm.master.processorTime() - master
    const shown = seen(stdout, form)
    if (shown !== swarm.count || status !== 0)
      swarm.log(`${name}: shown ${shown}, exit ${status}: ${stdout.slice(-500)} ${stderr.slice(-500)}`)
    results.push(
      atMost(`highstate, ${name}: command line, most memory`, peak, 'MB', 300),
      atMost(`highstate, ${name}: not shown`, swarm.count - shown, 'minions', 0),
      noted(`highstate, ${name}: from typing to the prompt`, `${(wall / 1000).toFixed(1)} s`),
      noted(`highstate, ${name}: processor time of the master`, `${Math.round(cost)} ms`),
      noted(`highstate, ${name}: master afterwards, RSS`, `${swarm.master.memory()} MB`),
    )
  }
  const report = await swarm.report()
  return [...results, atMost('faults of minions', report.faults, 'faults', 0)]
}

/** Of how many minions everything is on the screen. */
function seen(stdout: string, form: readonly string[]): number {
  if (form.length === 0) {
    const [, minions = '0'] = /Summary of \d+ minions: (\d+) in order/.exec(stdout) ?? []
    return Number(minions)
  }
  if (form[0] === '--out') return documents(stdout)
  const all = new RegExp(`^Succeeded: ${statesInHighstate}$`, 'gm')
  return stdout.match(all)?.length ?? 0
}

function documents(stdout: string): number {
  return new Set(stdout.match(/^ {4}"s\d{5}": \{$/gm) ?? []).size
}
