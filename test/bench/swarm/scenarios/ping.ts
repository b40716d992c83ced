/** `tsalt '*' test.ping` with every minion's answer on the screen, again and again. */
import { readFileSync } from 'node:fs'
import { atMost, noted, type Result } from '../result.ts'
import type { Swarm } from '../swarm.ts'

/** Milliseconds of all processors since the machine's start that others had, or that a disk was waited for. */
function stolenAndWaited(): number {
  const fields = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]?.split(/\s+/) ?? []
  return (Number(fields[5]) + Number(fields[8])) * 10
}

export async function ping(swarm: Swarm, runs: number): Promise<Result[]> {
  const walls: number[] = []
  const peaks: number[] = []
  let [missing, commandTime] = [0, 0]
  const master = swarm.master.processorTime()
  const minions = swarm.minionTime()
  for (let run = 0; run < runs; run++) {
    const before = [swarm.master.processorTime(), swarm.minionTime(), stolenAndWaited()] as const
    const { stdout, stderr, status, wall, peak, processor } = await swarm.master.run([
      '*',
      'test.ping',
      '--out',
      'txt',
    ])
    const back = new Set(stdout.split('\n').filter((line) => line.endsWith(': True')))
    if (back.size !== swarm.count || status !== 0) {
      missing += swarm.count - back.size
      swarm.log(`run ${run + 1}: ${back.size} of ${swarm.count}, exit ${status}: ${stderr.slice(-500)}`)
    }
    walls.push(wall)
    peaks.push(peak)
    commandTime += processor / runs
    swarm.log(
      `ping ${run + 1}: ${Math.round(wall)} ms, command line ${Math.round(peak)} MB; processor: ` +
        `master ${swarm.master.processorTime() - before[0]} ms, minions ${swarm.minionTime() - before[1]} ms, ` +
        `command line ${processor} ms; stolen and waiting for the disk ${stolenAndWaited() - before[2]} ms`,
    )
  }
  const masterTime = (swarm.master.processorTime() - master) / runs
  const minionTime = (swarm.minionTime() - minions) / runs
  const sorted = [...walls].sort((a, b) => a - b)
  const middle = sorted[Math.floor(sorted.length / 2)] ?? 0
  const report = await swarm.report()
  return [
    atMost(`test.ping on ${swarm.count}, median of ${runs}`, middle / 1000, 's', 3, 2),
    atMost('the slowest of them', (sorted.at(-1) ?? 0) / 1000, 's', 3, 2),
    atMost(`missing in ${runs} runs`, missing, 'answers', 0),
    atMost('faults of minions', report.faults, 'faults', 0),
    noted('processor time of the master for each', `${Math.round(masterTime)} ms`),
    noted('processor time of all minions for each', `${Math.round(minionTime)} ms`),
    noted('processor time of the command line for each', `${Math.round(commandTime)} ms`),
    noted('command line, most memory', `${Math.round(Math.max(...peaks))} MB`),
    noted('master afterwards, RSS', `${swarm.master.memory()} MB`),
  ]
}
