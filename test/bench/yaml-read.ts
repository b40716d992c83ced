/** CPU milliseconds that our reader takes for each text on standard input: the first time, and the least of many. */
import { readFileSync } from 'node:fs'
import { loadYaml } from '../../shared/render/yaml.ts'

function cpuOf(run: () => void): number {
  const start = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000
}

const texts = JSON.parse(readFileSync(0, 'utf8')) as Record<string, string>
const answers: Record<string, readonly [first: number, least: number]> = {}
for (const [name, text] of Object.entries(texts)) {
  const first = cpuOf(() => loadYaml(text, name))
  // Several readings at once: the clock of CPU time is coarse.
  const thrice = (): void => {
    for (let times = 0; times < 3; times++) loadYaml(text, name)
  }
  const rounds = Array.from({ length: 12 }, () => cpuOf(thrice) / 3)
  answers[name] = [first, Math.min(...rounds)]
}
process.stdout.write(JSON.stringify(answers))
