/**
 * `npx tsx test/bench/compile/main.ts`: what compiling to the ordered list costs, warm, beside what Salt 3006 took on such
 * a machine and beside Jinja2 and PyYAML alone in the same run. Prints a Markdown table.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { benchTrees } from './trees.ts'

const folder = mkdtempSync(join(tmpdir(), 'compile-bench-'))
try {
  const outfile = join(folder, 'time.mjs')
  buildSync({
    entryPoints: [join(import.meta.dirname, 'time-compiler.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: {
      js: `import { createRequire } from 'node:module'; const require = createRequire(${JSON.stringify(import.meta.url)})`,
    },
    outfile,
    logLevel: 'error',
  })
  const ask = <Answer>(command: string, args: readonly string[], input = ''): Answer => {
    const { stdout, stderr } = spawnSync(command, args, { input, encoding: 'utf8', maxBuffer: 1 << 28 })
    if (stdout === '') throw new Error(stderr)
    return JSON.parse(stdout) as Answer
  }
  const ours = ask<Record<string, { wall: number; cpu: number }>>(process.execPath, [outfile])
  const python = ask<Record<string, number>>(
    '/usr/bin/python3',
    [join(import.meta.dirname, 'time-python.py')],
    JSON.stringify(benchTrees),
  )
  const ms = (value: number | undefined): string => (value === undefined ? '' : `${value.toFixed(1)} ms`)
  const rows = benchTrees.map(
    ({ name, budget, salt }) =>
      `| ${name} | ${ms(ours[name]?.wall)} | ${ms(ours[name]?.cpu)} | ${budget} ms | ${ms(salt)} | ${ms(python[name])} |`,
  )
  console.log(
    `| tree | tsalt | its CPU time | at most | Salt 3006 | Jinja2 and PyYAML alone |\n|---|---|---|---|---|---|\n${rows.join('\n')}`,
  )
} finally {
  rmSync(folder, { recursive: true })
}
