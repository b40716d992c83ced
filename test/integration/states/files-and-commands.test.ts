/** States of files and commands on the real machine, below a scratch folder: what the fake machine cannot show. */
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FolderFiles } from '../../../minion/files/folder-files.ts'
import { makeSources } from '../../../minion/files/sources.ts'
import { findState, parseArguments } from '../../../minion/states/catalog.ts'
import type { Decision, StateFunction } from '../../../minion/states/contract.ts'
import type { Changer } from '../../../minion/system/changer.ts'
import { openMachine } from '../../../minion/system/machine.ts'
import { makeChanger } from '../../../minion/system/os-changer.ts'
import { makeReader } from '../../../minion/system/os-reader.ts'
import { noJournal } from '../../../minion/system/undo-journal.ts'
import { systemClock } from '../../../shared/clock.ts'
import { type Plain, toPlain, toValue } from '../../../shared/data/value.ts'

let scratch: string
let act: Changer

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'tsalt-states-'))
  mkdirSync(join(scratch, 'tree'))
  const machine = openMachine({ grains: new Map() })
  const files = new FolderFiles({ base: [join(scratch, 'tree')] })
  const nothing = { grains: new Map(), pillar: new Map() }
  const sources = makeSources({ files, ...nothing, opts: new Map() })
  const reader = makeReader({ machine, ...nothing, sources })
  act = makeChanger({
    machine,
    reader,
    journal: noJournal,
    clock: systemClock,
    signal: new AbortController().signal,
  })
})
afterEach(() => rmSync(scratch, { recursive: true, force: true }))

/** Dry run, real run, second run; the changes of the real one. */
async function apply(state: string, args: Readonly<Record<string, Plain>>): Promise<unknown> {
  const [module = '', fun = ''] = state.split('.')
  const definition = findState(module, fun)
  const { name = 'the id', ...others } = args
  const given = toValue(others) as Map<string, never>
  const parsed = parseArguments(state, {
    state: module,
    fun,
    name: String(name),
    args: given,
    globals: new Map(),
    place: undefined,
  })
  if (!definition || !parsed.ok) throw parsed.ok ? new Error(state) : parsed.errors[0]
  const before = listing()
  const dry = await check(definition, parsed.args, true)
  expect(listing(), 'a dry run changes nothing').toEqual(before)
  const decision = await check(definition, parsed.args, false)
  expect(dry.kind).toBe(decision.kind)
  if (decision.kind !== 'drift') return decision.kind
  const applied = await decision.apply(act)
  expect(applied?.ok).not.toBe(false)
  if (!definition.repeats) {
    expect(decision.changes).toEqual(dry.kind === 'drift' ? dry.changes : undefined)
    expect(await check(definition, parsed.args, false)).toMatchObject({ kind: 'in-sync' })
  }
  return toPlain(toValue(applied?.changes ?? decision.changes))
}

function check(definition: StateFunction, args: unknown, dry: boolean): Promise<Decision> {
  const run = {
    test: dry,
    predicted: [],
    id: 'the id',
    sls: 'a',
    environment: 'base',
    required: [],
    cachedir: join(scratch, 'cache'),
  }
  return definition.check(args as Parameters<StateFunction['check']>[0], act.look, run)
}

const listing = (): string[] => readdirSync(scratch, { recursive: true, encoding: 'utf8' }).sort()
const at = (path: string): string => join(scratch, path)
const mode = (path: string): string => (statSync(at(path)).mode & 0o7777).toString(8)

describe('files', () => {
  test('a file with its directory, its mode, its template', async () => {
    writeFileSync(at('tree/app.conf'), 'port {{port}}\n')
    const args = {
      name: at('etc/app/app.conf'),
      source: 'salt://app.conf',
      template: 'handlebars',
      context: { port: 80 },
      mode: '0640',
      makedirs: true,
    }
    expect(await apply('file.managed', args)).toMatchObject({ mode: '0640' })
    expect(readFileSync(at('etc/app/app.conf'), 'utf8')).toBe('port 80\n')
    expect([mode('etc/app/app.conf'), mode('etc/app')]).toEqual(['640', '750'])
    expect(await apply('file.managed', { ...args, context: { port: 81 } })).toEqual({
      diff: '--- \n+++ \n@@ -1 +1 @@\n-port 80\n+port 81\n',
    })
  })

  test('a large file is compared by its digest', async () => {
    const large = Buffer.alloc(5 * 1024 * 1024, 'x')
    writeFileSync(at('tree/large'), large)
    writeFileSync(at('large'), large)
    expect(await apply('file.managed', { name: at('large'), source: 'salt://large' })).toBe('in-sync')
    writeFileSync(at('large'), Buffer.alloc(5 * 1024 * 1024, 'y'))
    expect(await apply('file.managed', { name: at('large'), source: 'salt://large' })).toMatchObject({
      diff: expect.stringContaining('Too large to show'),
    })
  })

  test('what is replaced is kept', async () => {
    writeFileSync(at('x'), 'old')
    await apply('file.managed', { name: at('x'), contents: 'new', backup: 'minion' })
    const kept = listing().filter(
      (path) => path.startsWith('cache/file_backup/') && statSync(at(path)).isFile(),
    )
    expect(kept.map((path) => readFileSync(at(path), 'utf8'))).toEqual(['old'])
  })

  test('a check command that refuses leaves the file', async () => {
    writeFileSync(at('x'), 'old\n')
    await expect(
      apply('file.managed', { name: at('x'), contents: 'new', check_cmd: 'grep old' }),
    ).rejects.toThrow()
    expect(readFileSync(at('x'), 'utf8')).toBe('old\n')
    expect(
      await apply('file.managed', { name: at('x'), contents: 'older', check_cmd: 'grep old' }),
    ).toHaveProperty('diff')
  })

  test('a directory from the tree, and cleaned', async () => {
    mkdirSync(at('tree/site/css'), { recursive: true })
    writeFileSync(at('tree/site/index.html'), '<p>')
    writeFileSync(at('tree/site/css/a.css'), 'p {}')
    await apply('file.recurse', {
      name: at('www'),
      source: 'salt://site',
      dir_mode: '0755',
      file_mode: '0644',
    })
    writeFileSync(at('www/old.html'), 'x')
    expect(await apply('file.recurse', { name: at('www'), source: 'salt://site', clean: true })).toEqual({
      removed: [at('www/old.html')],
    })
    expect(readFileSync(at('www/css/a.css'), 'utf8')).toBe('p {}')
  })

  test('directories, links, lines, and their removal', async () => {
    await apply('file.directory', { name: at('a/b'), makedirs: true, mode: '0700' })
    expect(mode('a/b')).toBe('700')
    await apply('file.symlink', { name: at('link'), target: 'a/b' })
    expect(readlinkSync(at('link'))).toBe('a/b')
    await apply('file.append', { name: at('a/b/lines'), text: ['one', 'two'] })
    expect(readFileSync(at('link/lines'), 'utf8')).toBe('one\ntwo\n')
    await apply('file.absent', { name: at('link') })
    expect(lstatSync(at('a/b')).isDirectory()).toBe(true)
    await apply('file.absent', { name: at('a') })
    expect(listing()).toEqual(['tree'])
  })
})

describe('commands', () => {
  test('a command in a directory with an environment', async () => {
    const changes = await apply('cmd.run', {
      name: 'echo "$A in $PWD"; umask',
      cwd: scratch,
      env: [{ A: 1 }],
      umask: '027',
    })
    expect(changes).toMatchObject({ retcode: 0, stdout: `1 in ${scratch}\n0027`, stderr: '' })
  })

  test('a command that takes too long is ended', async () => {
    await expect(apply('cmd.run', { name: 'sleep 20', timeout: 0.2 })).rejects.toThrow()
  })

  test('a script from the tree leaves nothing behind', async () => {
    writeFileSync(at('tree/hi.sh'), '#!/bin/sh\necho "hi $1"\n')
    expect(await apply('cmd.script', { name: 'salt://hi.sh', args: 'there' })).toMatchObject({
      stdout: 'hi there',
    })
    expect(listing().filter((path) => path.startsWith('cache/scripts/'))).toEqual([])
  })
})
