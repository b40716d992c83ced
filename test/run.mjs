// `npm test`: types and lint, then every test. Says at the end what failed, with its first words, and, loudly, what
// this machine made it skip.
import { spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundle, installDependencies } from '../shared/bundle/prepare.mjs'

const project = fileURLToPath(new URL('..', import.meta.url))
const only = process.argv.slice(2)

const failed = []
const folder = mkdtempSync(join(tmpdir(), 'tsalt-summary-'))
/** What test/summary-reporter.ts has to say of each run. */
const summary = join(folder, 'summary.txt')

/** One failure does not keep the others from being seen. */
function run(title, command, args) {
  process.stdout.write(`\n== ${title}\n`)
  const env = { ...process.env, TSALT_TEST_SUMMARY: summary }
  const result = spawnSync(command, args, { cwd: project, stdio: 'inherit', env })
  noteOf(title, result.status)
}

/** The same for what has no reporter of ours: where it fails, its words are shown again at the end. */
function check(title, command, args) {
  process.stdout.write(`\n== ${title}\n`)
  const result = spawnSync(command, args, { cwd: project, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  const output = `${result.stdout ?? ''}${result.stderr ?? ''}`
  process.stdout.write(output)
  if (result.status !== 0) appendFileSync(summary, `\n== ${title}:\n${output.slice(0, 4000)}\n`)
  noteOf(title, result.status)
}

function noteOf(title, status) {
  if (status === 0) return
  process.stdout.write(`\n== ${title}: failed\n`)
  failed.push(title)
}

function missingForHosts() {
  if (process.platform !== 'linux') return 'they need Linux'
  if (process.getuid?.() !== 0) return 'they need root (systemd-nspawn, overlay mounts)'
  const wanted = ['mmdebstrap', 'systemd-nspawn', 'ip', 'dpkg-scanpackages', 'nsenter', 'strace']
  const missing = wanted.filter((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0)
  if (missing.length > 0) {
    return `these programs are missing: ${missing.join(', ')}. Debian: apt-get install mmdebstrap systemd-container iproute2 dpkg-dev apt-utils strace`
  }
  return undefined
}

installDependencies()
await bundle()
check('types', 'npx', ['tsc', '-p', '.'])
check('lint and format', 'npx', ['biome', 'check', '--diagnostic-level=error', '.'])
// Files that are asked for by name belong to one of the three.
const named = only.length > 0 ? ['--passWithNoTests', ...only] : []
const vitest = ['vitest', 'run', '--config', 'test/vitest.config.ts', ...named]
// By itself Vitest leaves a core to the others: half the time on two cores.
const workers = `--maxWorkers=${Math.max(2, availableParallelism())}`
run('unit tests', 'npx', [...vitest, '--project', 'unit', workers])
// They start processes of their own and wait for them.
run('integration tests', 'npx', [...vitest, '--project', 'integration'])
const missing = missingForHosts()
if (missing === undefined) {
  run('tests on real Debian hosts', 'npx', [...vitest, '--project', 'hosts'])
} else if (process.env['CI'] === 'true') {
  process.stdout.write(`\n== HOST TESTS CANNOT RUN, and CI skips nothing: ${missing}\n`)
  process.exit(1)
} else {
  process.stdout.write(`\n== SKIPPED: the tests on real Debian hosts, because ${missing}\n`)
}
process.stdout.write(existsSync(summary) ? readFileSync(summary, 'utf8') : '')
rmSync(folder, { recursive: true })
if (failed.length > 0) {
  process.stdout.write(`\n== FAILED: ${failed.join(', ')}\n`)
  process.exit(1)
}
