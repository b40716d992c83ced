// Makes a fresh checkout runnable: installs the locked dependencies where they are missing and bundles the programs
// into dist/. Plain JavaScript, because it runs before anything is installed.
import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { registriesLazy } from './lazy-registry.mjs'
import { bundleInParts } from './parts.mjs'

const project = fileURLToPath(new URL('../..', import.meta.url))

const programs = {
  'tsalt-migrate': 'master/cli/migrate-program.ts',
  'tsalt-master': 'master/cli/tsalt-master.ts',
  quickstart: 'master/quickstart/quickstart.ts',
}

/** In parts, of which each loads what it needs (decision 0173). */
const minionPrograms = {
  'tsalt-minion': 'minion/cli/tsalt-minion.ts',
  'tsalt-call': 'minion/cli/tsalt-call.ts',
}

/** In parts too, so that what is typed answers soon: Node reads the whole text of a file before it runs any of it. */
const operatorPrograms = {
  tsalt: 'master/cli/tsalt.ts',
  'tsalt-key': 'master/cli/tsalt-key.ts',
  'tsalt-run': 'master/cli/tsalt-run.ts',
}

/**
 * Libraries that few need, in files of their own beside the programs, read when they are first used: the text of a
 * program stays in its memory as long as it runs.
 */
const apart = {
  'age-encryption': 'tsalt-age',
  handlebars: 'tsalt-handlebars',
  amaro: 'tsalt-typescript',
  'es-module-lexer/js': 'tsalt-imports',
}

/** Read as they stand: what code of the tree runs in, what it imports, and the types of that. */
const asTheyStand = [
  'minion/tree-code/tree-code-worker.mjs',
  'minion/tree-code/tree-code-package.mjs',
  'docs/types/tsalt.d.ts',
]

/**
 * The minion stays resident, so it trades speed it does not need for memory: no optimising compiler, a small young
 * generation, and an allocator that gives back what is freed (decision 0174).
 */
const minionFlags = '--max-semi-space-size=2 --no-expose-wasm --no-opt'
const minionAllocator = 'MALLOC_ARENA_MAX=1 MALLOC_TRIM_THRESHOLD_=65536 MALLOC_MMAP_THRESHOLD_=32768'
/**
 * The master has buffers of 64 and 16 KB for each connection, of which little is ever touched: as mappings of their own
 * they take only what is (decision 0217).
 */
const masterAllocator = 'MALLOC_ARENA_MAX=1 MALLOC_TRIM_THRESHOLD_=131072 MALLOC_MMAP_THRESHOLD_=16384'
const interpreters = {
  'tsalt-minion': `/usr/bin/env -S ${minionAllocator} node ${minionFlags}`,
  'tsalt-master': `/usr/bin/env -S ${masterAllocator} node`,
}
const interpreter = (name) => interpreters[name] ?? '/usr/bin/env node'

function writeProgram(folder, name, text) {
  const file = join(folder, `${name}.cjs`)
  // An entry may begin with a line for the interpreter itself.
  writeFileSync(file, `#!${interpreter(name)}\n${text.replace(/^#!.*\n/, '')}`)
  chmodSync(file, 0o755)
}

export function installDependencies() {
  const lock = readFileSync(join(project, 'package-lock.json'), 'utf8')
  const stamp = join(project, 'node_modules', '.tsalt-lock')
  const isInstalled = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === lock
  if (!isInstalled()) alone(() => isInstalled() || install(lock, stamp))
}

/** Of two that are started at once the second waits: each would take the other's node_modules away. */
function alone(work) {
  const held = join(project, '.installing')
  for (;;) {
    try {
      writeFileSync(held, String(process.pid), { flag: 'wx' })
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
      const holder = Number(existsSync(held) ? readFileSync(held, 'utf8') : 0)
      if (holder > 0 && !isRunning(holder)) rmSync(held, { force: true })
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500)
    }
  }
  try {
    work()
  } finally {
    rmSync(held, { force: true })
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** Whether what npm wrote down of node_modules is what is locked: then somebody installed it already. */
function isThere(lock) {
  const list = join(project, 'node_modules', '.package-lock.json')
  if (!existsSync(list)) return false
  const there = JSON.parse(readFileSync(list, 'utf8')).packages
  const { '': _root, ...wanted } = JSON.parse(lock).packages
  const isSame = ([path, { version, optional }]) =>
    there[path] === undefined ? optional === true : there[path].version === version
  return Object.entries(wanted).every(isSame) && Object.keys(there).every((path) => path in wanted)
}

function install(lock, stamp) {
  if (isThere(lock)) return writeFileSync(stamp, lock)
  process.stderr.write('Installing dependencies (better-sqlite3 may compile for a minute)...\n')
  const installed = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: project, stdio: ['ignore', 'ignore', 'inherit'] })
  if (installed.status !== 0) {
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
  const folder = join(project, 'node_modules', `.tsalt-dist-${process.pid}`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  for (const file of asTheyStand) copyFileSync(join(project, file), join(folder, basename(file)))
  const libraries = Object.entries(apart).map(([library, name]) =>
    build({ ...common, absWorkingDir: project, entryPoints: [library], outfile: join(folder, `${name}.cjs`) }),
  )
  const own = {
    ...common,
    external: ['better-sqlite3', 'pino-pretty'],
    define: { 'import.meta.url': '__bundleUrl' },
    inject: [join(project, 'shared/bundle/bundle-url.mjs')],
  }
  const plugins = [migrateApart, librariesApart]
  const commands = Object.entries(programs).map(async ([name, entry]) => {
    const made = await build({ ...own, entryPoints: [join(project, entry)], outfile: join(folder, `${name}.cjs`), plugins, write: false })
    writeProgram(folder, name, made.outputFiles[0].text)
  })
  const inParts = async (names, parts, plugins) => {
    const entryPoints = Object.fromEntries(Object.entries(names).map(([name, entry]) => [name, join(project, entry)]))
    const made = await bundleInParts({ ...own, entryPoints, plugins }, { folder, parts })
    for (const [name, text] of made) writeProgram(folder, name, text)
  }
  const minion = inParts(minionPrograms, 'tsalt-minion.parts', [...plugins, registriesLazy])
  const operator = inParts(operatorPrograms, 'tsalt.parts', plugins)
  try {
    const built = await Promise.allSettled([...libraries, ...commands, minion, operator])
    for (const { reason } of built) if (reason !== undefined) throw reason
    replaceFolder(join(project, 'dist'), folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** All at once: who starts a program meanwhile finds the old one or the new one. */
function replaceFolder(path, made) {
  const old = `${made}-old`
  try {
    renameSync(path, old)
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
  renameSync(made, path)
  rmSync(old, { recursive: true, force: true })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  installDependencies()
  await bundle()
}
