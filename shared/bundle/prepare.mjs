// Makes a fresh checkout runnable: installs the locked dependencies where they are missing and bundles the programs
// into dist/. Plain JavaScript, because it runs before anything is installed.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const project = fileURLToPath(new URL('../..', import.meta.url))

const programs = {
  tsalt: 'master/cli/tsalt.ts',
  'tsalt-migrate': 'master/cli/migrate-program.ts',
  'tsalt-key': 'master/cli/tsalt-key.ts',
  'tsalt-run': 'master/cli/tsalt-run.ts',
  'tsalt-master': 'master/cli/tsalt-master.ts',
  'tsalt-minion': 'minion/cli/tsalt-minion.ts',
  'tsalt-call': 'minion/cli/tsalt-call.ts',
  quickstart: 'master/quickstart/quickstart.ts',
}

/**
 * Libraries that few need, in files of their own beside the programs, read when they are first used: the text of a
 * program stays in its memory as long as it runs.
 */
const apart = {
  'age-encryption': 'tsalt-age',
  handlebars: 'tsalt-handlebars',
}

/**
 * The minion stays resident, so it trades speed it does not need for memory: V8's lite mode (but with its JIT, which
 * regular expressions need) and a small young generation. docs/performance.md has the figures.
 */
const minionFlags = '--max-semi-space-size=2 --no-expose-wasm --lite-mode --no-jitless'
const interpreter = (name) => (name === 'tsalt-minion' ? `/usr/bin/env -S node ${minionFlags}` : '/usr/bin/env node')

/** An entry that begins with `#!` itself would leave a second such line, which is no JavaScript. */
function oneInterpreterLine(file) {
  const [first, second, ...rest] = readFileSync(file, 'utf8').split('\n')
  if (second?.startsWith('#!')) writeFileSync(file, [first, '', ...rest].join('\n'))
}

export function installDependencies() {
  const lock = readFileSync(join(project, 'package-lock.json'), 'utf8')
  const stamp = join(project, 'node_modules', '.tsalt-lock')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  process.stderr.write('Installing dependencies (better-sqlite3 may compile for a minute)...\n')
  const install = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: project, stdio: ['ignore', 'ignore', 'inherit'] })
  if (install.status !== 0) {
    process.stderr.write('npm ci failed; its messages are above.\n')
    process.exit(1)
  }
  writeFileSync(stamp, lock)
}

/**
 * `tsalt migrate` carries the whole compiler of states, which every other start of `tsalt` would read for nothing:
 * it is a file of its own, loaded when it is asked for.
 */
const migrateApart = {
  name: 'migrate-apart',
  setup(build) {
    build.onResolve({ filter: /\/migrate-program\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './tsalt-migrate.cjs', external: true } : undefined,
    )
  },
}

const librariesApart = {
  name: 'libraries-apart',
  setup(build) {
    const names = Object.keys(apart).join('|')
    build.onResolve({ filter: new RegExp(`^(?:${names})$`) }, ({ path, kind }) =>
      kind === 'entry-point' ? undefined : { path: `./${apart[path]}.cjs`, external: true },
    )
  },
}

const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  logLevel: 'error',
  minifySyntax: true,
  // Comments go: they made the minion's source a two-byte string of 2.7 MB that stays in memory.
  minifyWhitespace: true,
}

export async function bundle() {
  const { build } = await import('esbuild')
  const folder = join(project, 'dist')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  const libraries = Object.entries(apart).map(([library, name]) =>
    build({ ...common, absWorkingDir: project, entryPoints: [library], outfile: join(folder, `${name}.cjs`) }),
  )
  const commands = Object.entries(programs).map(async ([name, entry]) => {
    const outfile = join(folder, `${name}.cjs`)
    await build({
      ...common,
      entryPoints: [join(project, entry)],
      outfile,
      external: ['better-sqlite3', 'pino-pretty'],
      banner: { js: `#!${interpreter(name)}` },
      define: { 'import.meta.url': '__bundleUrl' },
      inject: [join(project, 'shared/bundle/bundle-url.mjs')],
      plugins: [migrateApart, librariesApart],
    })
    oneInterpreterLine(outfile)
    chmodSync(outfile, 0o755)
  })
  await Promise.all([...libraries, ...commands])
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  installDependencies()
  await bundle()
}
