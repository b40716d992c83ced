/** Compiles the trees warm, to the ordered list with the real catalog of states, and prints the times as JSON. */

import { stateCatalog } from '../../../minion/states/catalog.ts'
import { toValue } from '../../../shared/data/value.ts'
import { compileStates } from '../../../shared/sls/compile.ts'
import { compileRequest } from './request.ts'
import { type BenchTree, benchTrees } from './trees.ts'

const cpu = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

async function timeOf(tree: BenchTree): Promise<{ wall: number; cpu: number }> {
  const rounds = tree.states > 1000 ? 7 : 40
  const wall: number[] = []
  const used: number[] = []
  for (let round = 0; round < rounds + 15; round++) {
    const [started, before] = [performance.now(), cpu()]
    const { chunks, errors } = await compileStates(compileRequest(tree, stateCatalog, toValue))
    if (chunks.length !== tree.states) throw new Error(`${tree.name}: ${errors[0]?.message}`)
    if (round < 15) continue
    wall.push(performance.now() - started)
    used.push(cpu() - before)
  }
  const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? 0
  return { wall: median(wall), cpu: median(used) }
}

const times: Record<string, { wall: number; cpu: number }> = {}
for (const tree of benchTrees) times[tree.name] = await timeOf(tree)
console.log(JSON.stringify(times))
