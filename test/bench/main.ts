/**
 * `npm run bench`: what the daily work costs, end to end, beside what Salt takes for the same (figures recorded on such
 * a machine, see docs/performance.md) and beside `node -e 0` in the same run. Prints a Markdown table.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Stage, timeOf } from './stage.ts'

interface Row {
  readonly work: string
  readonly tsalt: string
  readonly budget: string
  readonly salt: string
}

const rows: Row[] = []
const ms = (value: number): string => `${Math.round(value)} ms`

function writeTrees(stage: Stage): void {
  const many = (count: number, of: (index: number) => string): string =>
    Array.from({ length: count }, (_, index) => of(index)).join('')
  const home = join(stage.folder, 'managed')
  mkdirSync(home)
  mkdirSync(join(stage.states, 'files'))
  const contents = (set: string) => (index: number) =>
    `${home}/${set}-${index}:\n  file.managed:\n    - contents: line ${index}\n`
  writeFileSync(join(stage.states, 'ten.yaml'), many(10, contents('ten')))
  writeFileSync(join(stage.states, 'contents.yaml'), many(1000, contents('contents')))
  for (let index = 0; index < 1000; index++) {
    writeFileSync(
      join(stage.states, 'files', `${index}.txt`),
      `{{pillar.greeting}} ${index} on {{grains.id}}\n`,
    )
  }
  const source = (index: number): string =>
    `${home}/source-${index}:\n  file.managed:\n    - source: salt://files/${index}.txt\n    - template: handlebars\n`
  writeFileSync(join(stage.states, 'source.yaml'), many(1000, source))
  writeFileSync(join(stage.states, 'top.yaml'), "base: {'*': [ten]}\n")
}

function measure(
  work: string,
  budget: string,
  salt: string,
  timing: { median: number; least: number; most: number },
): void {
  rows.push({ work, tsalt: `${ms(timing.median)} (${ms(timing.least)} to ${ms(timing.most)})`, budget, salt })
}

async function main(): Promise<void> {
  const node = timeOf(9, () => void spawnSync(process.execPath, ['-e', '0']))
  measure('`node -e 0`', '', '', node)
  const stage = new Stage(20_000 + (process.pid % 20_000))
  try {
    writeTrees(stage)
    await stage.start()
    measure(
      '`tsalt --version`',
      `${ms(node.median + 60)} (node + 60)`,
      '380 ms',
      stage.time(9, 'tsalt', ['--version']),
    )
    await pause(3_000)
    const atRest = { master: stage.memory('master'), minion: stage.memory('minion') }
    measure("`tsalt '*' test.ping`", '150 ms', '680 to 890 ms', stage.time(9, 'tsalt', ['*', 'test.ping']))
    const apply = (sls: string) => ['*', 'state.apply', sls]
    measure(
      'no-change highstate, 10 states',
      '200 ms',
      '1.05 s',
      stage.time(9, 'tsalt', ['*', 'state.highstate']),
    )
    measure(
      'no change, 1,000 file.managed with contents',
      '500 ms',
      '7.9 s',
      stage.time(5, 'tsalt', apply('contents')),
    )
    measure(
      'no change, 1,000 with source and template',
      '1 s',
      '18.4 s',
      stage.time(5, 'tsalt', apply('source')),
    )
    await pause(15_000)
    const after = { master: stage.memory('master'), minion: stage.memory('minion') }
    for (const who of ['minion', 'master'] as const) {
      const [budget, salt] =
        who === 'minion' ? ['60 MB', '115 MB'] : ['110 MB', '856 MB in 12 processes (272 proportional)']
      const shown = (memory: { rss: number; pss: number }): string =>
        `${memory.rss} MB RSS (${memory.pss} proportional)`
      rows.push({ work: `${who} at rest, just started`, tsalt: shown(atRest[who]), budget, salt })
      rows.push({ work: `${who} at rest, after the runs above`, tsalt: shown(after[who]), budget, salt })
    }
    const restarts: number[] = []
    for (let round = 0; round < 3; round++) {
      await stage.killMaster()
      const from = performance.now()
      await stage.startMaster()
      await stage.answers()
      restarts.push(performance.now() - from)
    }
    restarts.sort((a, b) => a - b)
    measure('master killed and started, to the first answer', '2 s', '3.9 to 8.2 s', {
      median: restarts[1] ?? 0,
      least: restarts[0] ?? 0,
      most: restarts[2] ?? 0,
    })
  } finally {
    await stage.stop()
  }
  const table = rows.map(({ work, tsalt, budget, salt }) => `| ${work} | ${tsalt} | ${budget} | ${salt} |`)
  process.stdout.write(`| work | tsalt | at most | Salt 3006 |\n|---|---|---|---|\n${table.join('\n')}\n`)
}

await main()
