/**
 * `npx tsx test/bench/checks.ts` (after `npm run build`, as root): what looking costs a minion where nothing is to be
 * changed: packages, services and small files of this very machine, and a long diff. Sums of the states' own durations,
 * the least of some runs. Services are left out where systemd does not run.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { unifiedDiff } from '../../shared/diff/unified.ts'
import { Stage } from './stage.ts'

const rounds = 7

interface Check {
  readonly name: string
  readonly sls: string
  readonly states: number
  readonly budget: number
}

const output = (program: string, args: readonly string[]): string[] =>
  spawnSync(program, args, { encoding: 'utf8' }).stdout.split('\n').filter(Boolean)

const installedPackages = (): string[] =>
  output('dpkg-query', ['-W', '-f', '${Package} ${Status}\n'])
    .filter((line) => line.endsWith(' ok installed'))
    .map((line) => line.split(' ')[0] ?? '')
    .slice(0, 200)

/** Undefined: systemd does not run here. */
function runningServices(): string[] | undefined {
  if (spawnSync('systemctl', ['is-system-running'], { encoding: 'utf8' }).stdout.trim() === 'offline')
    return undefined
  const units = output('systemctl', [
    'list-units',
    '--type=service',
    '--state=running',
    '--plain',
    '--no-legend',
  ])
  return units.map((line) => line.split(' ')[0] ?? '').slice(0, 100)
}

function writeChecks(stage: Stage): Check[] {
  const home = join(stage.folder, 'managed')
  mkdirSync(home)
  mkdirSync(join(stage.states, 'files'))
  const numbers = Array.from({ length: 2_000 }, (_, index) => index)
  const checks: Check[] = []
  const add = (name: string, sls: string, states: readonly string[], budget: number): void => {
    writeFileSync(join(stage.states, `${sls}.yaml`), states.join(''))
    checks.push({ name, sls, states: states.length, budget })
  }
  const packages = installedPackages()
  add(
    `${packages.length} pkg.installed`,
    'packages',
    packages.map((name) => `pkg-${name}:\n  pkg.installed:\n    - name: ${name}\n`),
    60,
  )
  const services = runningServices()
  if (services === undefined) process.stderr.write('services are left out: systemd does not run here\n')
  else
    add(
      `${services.length} service.running`,
      'services',
      services.map((name) => `unit-${name}:\n  service.running:\n    - name: ${name}\n`),
      100,
    )
  add(
    '2,000 file.managed with contents',
    'contents',
    numbers.map((n) => `${home}/contents-${n}:\n  file.managed:\n    - contents: line ${n}\n`),
    300,
  )
  for (const n of numbers) writeFileSync(join(stage.states, 'files', `${n}.txt`), `line ${n}\n`)
  add(
    '2,000 file.managed with source, mode and owner',
    'sources',
    numbers.map(
      (n) =>
        `${home}/source-${n}:\n  file.managed:\n    - source: salt://files/${n}.txt\n    - mode: '0644'\n    - user: root\n    - group: root\n`,
    ),
    300,
  )
  return checks
}

interface StateReturn {
  readonly result: boolean | null
  readonly duration: number
  readonly comment: string
}

/** @returns milliseconds that the states took, by their own account */
function applied(stage: Stage, { sls, states, name }: Check): number {
  const { stdout, stderr } = stage.run('tsalt', ['*', 'state.apply', sls, '--out=json'])
  const returns = Object.values(
    Object.values(JSON.parse(stdout) as Record<string, object>)[0] ?? {},
  ) as StateReturn[]
  const bad = returns.find(({ result }) => result !== true)
  if (returns.length !== states || bad) throw new Error(`${name}: ${bad?.comment ?? stderr}`)
  return returns.reduce((sum, { duration }) => sum + duration, 0)
}

function timeOfDiff(): number {
  const lines = Array.from({ length: 10_000 }, (_, index) => `line ${index}`)
  const changed = lines.map((line, index) => (index % 7 === 0 ? `${line} changed` : line))
  const taken = Array.from({ length: rounds }, () => {
    const from = performance.now()
    unifiedDiff(`${lines.join('\n')}\n`, `${changed.join('\n')}\n`)
    return performance.now() - from
  })
  return Math.min(...taken)
}

const stage = new Stage(20_000 + (process.pid % 20_000))
try {
  const checks = writeChecks(stage)
  await stage.start()
  process.stdout.write('| nothing to change | in the minion | at most |\n|---|---|---|\n')
  for (const check of checks) {
    // The first may make the files, the second fills the caches.
    for (const _ of [1, 2]) stage.run('tsalt', ['*', 'state.apply', check.sls])
    const taken = Array.from({ length: rounds }, () => applied(stage, check))
    process.stdout.write(`| ${check.name} | ${Math.round(Math.min(...taken))} ms | ${check.budget} ms |\n`)
  }
  process.stdout.write(
    `| a diff of 10,000 lines, every seventh changed | ${Math.round(timeOfDiff())} ms | 50 ms |\n`,
  )
} finally {
  await stage.stop()
}
