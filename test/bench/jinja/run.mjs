// `npm run bench:jinja`: bundles main.ts as the programs are bundled, and runs it with Node's default flags (the master,
// tsalt-call) and with the minion's. Arguments: the name of one shape.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'

const here = import.meta.dirname
const folder = mkdtempSync(join(tmpdir(), 'tsalt-bench-jinja-'))
const outfile = join(folder, 'main.cjs')
await build({
  entryPoints: [join(here, 'main.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  logLevel: 'warning',
})
const minion = ['--max-semi-space-size=2', '--no-expose-wasm', '--no-opt']
for (const [name, flags] of [
  ['default flags', []],
  ["the minion's flags", minion],
]) {
  process.stdout.write(`\n${name}\n\n`)
  spawnSync(process.execPath, [...flags, outfile, join(here, 'reference.py'), ...process.argv.slice(2)], {
    stdio: 'inherit',
  })
}
rmSync(folder, { recursive: true, force: true })
