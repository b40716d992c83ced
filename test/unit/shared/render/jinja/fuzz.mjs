// By hand: `node test/unit/shared/render/jinja/fuzz.mjs COUNT SEED`, bundled, since that starts and runs quicker.
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'

const here = import.meta.dirname
const folder = mkdtempSync(join(tmpdir(), 'tsalt-fuzz-jinja-'))
const outfile = join(folder, 'fuzz.mjs')
await build({ entryPoints: [join(here, 'fuzz.mts')], outfile, bundle: true, platform: 'node', format: 'esm' })
for (const file of ['oracle.py', 'salt_filters.py']) copyFileSync(join(here, file), join(folder, file))
const { status } = spawnSync(process.execPath, [outfile, ...process.argv.slice(2)], { stdio: 'inherit' })
rmSync(folder, { recursive: true, force: true })
process.exitCode = status ?? 1
