/** Modules of the tree in TypeScript: made into JavaScript, copied, described, run in a thread of their own. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import pino from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FolderFiles } from '../../../minion/files/folder-files.ts'
import { ProgramCatalog } from '../../../minion/programs/catalog.ts'
import { syncPrograms } from '../../../minion/programs/synced.ts'
import type { StateFunction, StateRun } from '../../../minion/states/contract.ts'
import { CodeWorker } from '../../../minion/tree-code/code-worker.ts'
import { toPlain } from '../../../shared/data/value.ts'
import { plainCode } from '../../../shared/tree-code/plain-code.ts'
import { FakeMachine } from '../../fake-machine/fake-machine.ts'

const silent = pino({ level: 'silent' })
let folder: string
let tree: string
let synced: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsalt-tree-code-'))
  tree = join(folder, 'tree')
  synced = join(folder, 'synced')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(path: string, text: string): void {
  mkdirSync(dirname(join(tree, path)), { recursive: true })
  writeFileSync(join(tree, path), text)
}

const sync = () => syncPrograms(new FolderFiles({ base: [tree] }), synced, silent)

async function synchronised(): Promise<ProgramCatalog> {
  await sync()
  return new ProgramCatalog(synced)
}

const words = `import { absolutePath, defaulted, drift, failed, inSync, needed, stateFunction, stateModule, text } from 'tsalt'
import { lineOf } from '../_utils/lines.ts'

interface Wanted { readonly line: string }

const said = stateFunction({
  summary: 'Makes sure that a file says a word.',
  args: { name: needed(absolutePath, 'The file.'), word: defaulted(text, 'hello', 'The word.') },
  async check({ name, word }, look, run) {
    const wanted: Wanted = { line: lineOf(word) }
    const info = await look.files.info(name)
    if (info?.type === 'directory') return failed(name + ' is a directory')
    const now = info ? Buffer.from(await look.files.read(name)).toString() : ''
    if (now === wanted.line) return inSync('it says ' + word + ' on ' + look.grains.get('os'))
    return drift({ word }, { would: 'would', done: 'done' }, async (act) => {
      await act.files.write(name, Buffer.from(wanted.line), { mode: 0o600 })
    })
  },
})
const cheats = stateFunction({
  summary: 'Tries what it may not.',
  args: { name: needed(text, 'How.') },
  async check({ name }, look) {
    if (name === 'loop') for (;;);
    if (name === 'exit') process.exit(3)
    if (name === 'throw') throw new TypeError('broken on purpose')
    if (name === 'later') { setTimeout(() => { throw new Error('afterwards') }, 1); await new Promise((go) => setTimeout(go, 500)) }
    if (name === 'nothing') return undefined as never
    if (name === 'missing') await look.files.read('/nowhere')
    if (name === 'memory') { const all: number[][] = []; for (;;) all.push(new Array(1_000_000).fill(1.5)) }
    return inSync('fine')
  },
})
export default stateModule({ summary: 'Words.', functions: { said, cheats } })
`

function writeWords(): void {
  write('_states/words.ts', words)
  write('_utils/lines.ts', 'export const lineOf = (word: string): string => `${word}\\n`\n')
}

const run = (test: boolean): StateRun => ({ test, predicted: [], id: 'an id', sls: 'a', environment: 'base' })
type Args = Parameters<StateFunction['check']>[0]

describe('a state in TypeScript', () => {
  test('looks, decides and acts through the ports of its job', async () => {
    writeWords()
    const catalog = await synchronised()
    expect(catalog.names('states')).toEqual(['words.said', 'words.cheats'])
    const state = catalog.state('words.said')
    const machine = new FakeMachine(
      { files: { '/srv': { type: 'directory' } } },
      { grains: new Map([['os', 'Debian']]) },
    )
    const args = { name: '/srv/word', word: 'yes' } as unknown as Args
    const dry = await state?.check(args, machine.reader, run(true))
    expect(dry).toMatchObject({ kind: 'drift', changes: { word: 'yes' }, comment: 'would' })
    const real = await state?.check(args, machine.reader, run(false))
    if (real?.kind !== 'drift') throw new Error('no drift')
    await real.apply(machine.changer)
    expect(machine.actions).toEqual(['write /srv/word'])
    expect(await state?.check(args, machine.reader, run(false))).toEqual({
      kind: 'in-sync',
      comment: 'it says yes on Debian',
    })
  })

  test('a dry run has nothing to change the machine with', async () => {
    write(
      '_states/bad.js',
      `export default { summary: '', functions: { worse: { summary: '', args: { name: { type: 'text', need: 'needed', description: '' } },
        check: (args, look) => ({ kind: 'in-sync', comment: [typeof look.files.write, typeof look.commands.run].join(' ') }) } } }`,
    )
    const machine = new FakeMachine()
    const state = (await synchronised()).state('bad.worse')
    expect(await state?.check({ name: 'x' } as unknown as Args, machine.reader, run(true))).toMatchObject({
      comment: 'undefined undefined',
    })
  })

  test.each([
    ['throw', /TypeError: broken on purpose \(_states\/words\.js, line 26/],
    ['nothing', /answered none of inSync/],
    ['exit', /its thread ended with 3/],
    ['later', /afterwards/],
    ['memory', /memory/],
  ])('one that %ss is an error of the call, and the next call works', async (name, message) => {
    writeWords()
    const state = (await synchronised()).state('words.cheats')
    const machine = new FakeMachine()
    const call = (how: string) => state?.check({ name: how } as unknown as Args, machine.reader, run(true))
    await expect(call(name)).rejects.toMatchObject({
      code: 'program-failed',
      message: expect.stringMatching(message),
    })
    expect(await call('well')).toEqual({ kind: 'in-sync', comment: 'fine' })
  })

  test('what the machine answers with an error is that error', async () => {
    writeWords()
    const state = (await synchronised()).state('words.cheats')
    const call = state?.check({ name: 'missing' } as unknown as Args, new FakeMachine().reader, run(true))
    await expect(call).rejects.toMatchObject({ code: 'file-unreadable' })
  })

  test('one that does not end is ended with its thread', async () => {
    writeWords()
    await sync()
    const worker = new CodeWorker(500)
    const file = `file://${synced}/code/_states/words.js`
    const message = {
      kind: 'decide',
      file,
      fun: 'cheats',
      method: 'check',
      args: { name: 'loop' },
      run: run(true),
    }
    const call = worker.ask({ file: 'salt://_states/words', look: new FakeMachine().reader }, message)
    await expect(call).rejects.toThrow(/took longer than 0.5 s/)
    expect(worker.isGone).toBe(true)
  })
})

describe('an execution function in TypeScript', () => {
  const racks = `import { anything, execFunction, execModule, optional } from 'tsalt'
export default execModule({ summary: 'Racks.', functions: {
  of: execFunction({
    summary: 'Where it is.',
    args: { unit: optional(anything, 'Which.') },
    readOnly: true,
    run: async ({ unit }, { id, look }) => ({ [id]: unit ?? null, site: look.pillar.get('site') ?? null }),
  }),
} })
`
  test('answers with what the minion knows', async () => {
    write('_modules/racks.ts', racks)
    const found = (await synchronised()).function('racks.of')
    expect(found?.readOnly).toBe(true)
    const machine = new FakeMachine({}, { pillar: new Map([['site', 'fra']]) })
    const context = { id: 'web1', look: machine.reader, act: machine.changer } as never
    const answer = await found?.run({ unit: new Map([['a', 1]]) } as never, context)
    expect(toPlain(answer as never)).toEqual({ web1: { a: 1 }, site: 'fra' })
  })

  test('comes, changes and goes with its file', async () => {
    write('_modules/racks.ts', racks)
    expect((await sync()).changed).toEqual(['modules.racks'])
    expect((await sync()).changed).toEqual([])
    write('_modules/racks.ts', racks.replace('Where it is.', 'Where.'))
    expect((await sync()).changed).toEqual(['modules.racks'])
    expect(new ProgramCatalog(synced).function('racks.of')?.summary).toBe('Where.')
    rmSync(join(tree, '_modules/racks.ts'))
    expect((await sync()).changed).toEqual(['modules.racks'])
    expect(new ProgramCatalog(synced).function('racks.of')).toBeUndefined()
  })
})

describe('what cannot be loaded says why', () => {
  test.each([
    [
      '_states/a.ts',
      'const x: = 1\n',
      /_states\/a\.ts: line 1, column 10: Unexpected token|_states\/a\.ts: line 1, column 9: Unexpected token/,
    ],
    ['_states/a.ts', 'enum A { x }\n', /enum is not supported/],
    ['_states/a.js', 'export default {}\n', /no "export default stateModule/],
    ['_states/a.js', "import x from './nothing.js'\n", /nothing\.js/],
    ['_states/a.js', 'export default { functions: { b: {} } }\n', /functions\.b\.args/],
    [
      '_modules/a.js',
      'export default { functions: { b: { args: {} } } }\n',
      /b: an execution function has a method "run"/,
    ],
    ['_states/a.js', 'process.exit(0)\n', /its thread ended with 0/],
  ])('%s: %s', async (path, text, reason) => {
    write(path, text)
    const catalog = await synchronised()
    const kind = path.startsWith('_states') ? 'states' : 'modules'
    expect(catalog.why(kind, 'a.b')).toMatch(reason)
    expect(catalog.code.broken(kind)).toHaveLength(1)
  })

  test('a file that others may write is not run', async () => {
    write('_modules/racks.js', 'export default {}\n')
    const { chmodSync } = await import('node:fs')
    chmodSync(join(tree, '_modules/racks.js'), 0o666)
    expect((await synchronised()).why('modules', 'racks.of')).toContain('others may write it')
  })
})

test('types become blanks, and imports name what they have become', async () => {
  const code = await plainCode(
    '_states/a.ts',
    "import type { A } from './b.ts'\nimport { c } from '../_utils/c.ts'\nconst s: string = './d.ts'\nexport const e = import('./f.mts')\n",
  )
  expect(code).toBe(
    `${' '.repeat(31)}\nimport { c } from '../_utils/c.js'\nconst s         = './d.ts'\nexport const e = import('./f.js')\n`,
  )
})

test('the package that modules import has all that its types promise', async () => {
  const types = readFileSync(new URL('../../../docs/types/tsalt.d.ts', import.meta.url), 'utf8')
  const promised = [...types.matchAll(/^export (?:function|const) (\w+)/gm)].map(([, name]) => name)
  const real = Object.keys(await import('../../../minion/tree-code/tree-code-package.mjs' as string))
  expect(real.sort()).toEqual([...new Set(promised)].sort())
})
