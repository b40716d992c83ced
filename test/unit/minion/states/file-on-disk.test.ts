/**
 * Functions that change files, on the real file system: the dry run changes nothing, the real run changes what it told,
 * a second run is silent, and undoing the job puts everything back.
 */
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findState, parseArguments } from '../../../../minion/states/catalog.ts'
import type { StateFunction, StateRun } from '../../../../minion/states/contract.ts'
import type { Changer } from '../../../../minion/system/changer.ts'
import { openMachine } from '../../../../minion/system/machine.ts'
import { makeChanger } from '../../../../minion/system/os-changer.ts'
import { makeReader } from '../../../../minion/system/os-reader.ts'
import { openUndoJournal, undoJournal } from '../../../../minion/system/undo-journal.ts'
import { restore } from '../../../../minion/system/undo-restore.ts'
import { systemClock } from '../../../../shared/clock.ts'
import { type Dict, toPlain, toValue } from '../../../../shared/data/value.ts'
import { parseJobId } from '../../../../shared/ids.ts'
import { loadYaml } from '../../../../shared/render/yaml.ts'
import { FakeMachine } from '../../../fake-machine/fake-machine.ts'

const jid = parseJobId('20261122040800000001')
const later = parseJobId('20261122040800000002')
const machine = openMachine({ grains: new Map([['kernel', 'Linux']]) })
const patch = '@@ -1,2 +1,2 @@\n a\n-b\n+c\n'
const { sources } = new FakeMachine({ sources: { 'salt://f.patch': patch } }).reader
let root = ''

beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'tsalt-file-states-'))
  fs.mkdirSync(join(root, 'w/d'), { recursive: true })
  fs.writeFileSync(join(root, 'w/f'), 'a\nb\n', { mode: 0o640 })
  fs.writeFileSync(join(root, 'w/d/g'), 'g\n')
  fs.symlinkSync('g', join(root, 'w/d/l'))
})
afterEach(() => fs.rmSync(root, { recursive: true, force: true }))

const look = () => makeReader({ machine, grains: new Map(), pillar: new Map(), sources })

async function job(id: typeof jid, work: (act: Changer) => Promise<unknown>): Promise<void> {
  const journal = openUndoJournal(join(root, 'undo'), id)
  const signal = new AbortController().signal
  await work(makeChanger({ machine, reader: look(), journal, clock: systemClock, signal }))
  journal.close()
}

/** Type, mode, owner, times of files, content. */
function picture(directory = join(root, 'w')): Record<string, string> {
  const found: Record<string, string> = {}
  for (const name of fs.readdirSync(directory)) {
    const path = join(directory, name)
    const stat = fs.lstatSync(path)
    const about = `${stat.uid}:${stat.gid} ${(stat.mode & 0o7777).toString(8)} ${stat.nlink}`
    if (stat.isSymbolicLink()) found[path] = `link ${fs.readlinkSync(path)}`
    else if (stat.isDirectory()) Object.assign(found, { [path]: 'directory' }, picture(path))
    else found[path] = `file ${about} ${fs.readFileSync(path, 'utf8')}`
  }
  return found
}

const run = (test: boolean): StateRun => ({
  test,
  predicted: [],
  id: 'the id',
  sls: 'the.sls',
  environment: 'base',
  required: [],
})

async function decide(fun: string, args: Dict, test: boolean) {
  const definition = findState('file', fun) as StateFunction
  const read = parseArguments(`file.${fun}`, {
    state: 'file',
    fun,
    name: String(args.get('name')),
    args: new Map([...args].filter(([key]) => key !== 'name')),
    globals: new Map(),
    place: undefined,
  })
  if (!read.ok) throw read.errors[0]
  return definition.check(read.args as Parameters<StateFunction['check']>[0], look(), run(test))
}

describe.each([
  ['replace', '{name: ROOT/f, pattern: "^b$", repl: c}'],
  ['blockreplace', '{name: ROOT/f, content: x, append_if_not_found: True}'],
  ['line', '{name: ROOT/f, mode: ensure, content: x, after: ^a}'],
  ['keyvalue', '{name: ROOT/f, key: k, value: v, append_if_not_found: True}'],
  ['prepend', '{name: ROOT/n/m, text: x, makedirs: True}'],
  ['comment', '{name: ROOT/f, regex: ^b}'],
  ['serialize', '{name: ROOT/f, dataset: {a: 1}, mode: "0600"}'],
  ['patch', '{name: ROOT/f, source: "salt://f.patch"}'],
  ['decode', '{name: ROOT/f, encoded_data: AAEC}'],
  ['copy', '{name: ROOT/e, source: ROOT/d}'],
  ['copy', '{name: ROOT/f, source: ROOT/d/g, force: True}'],
  ['copy', '{name: ROOT/f, source: ROOT/d, force: True, preserve: True}'],
  ['rename', '{name: ROOT/n/e, source: ROOT/d, makedirs: True}'],
  ['rename', '{name: ROOT/d, source: ROOT/f, force: True}'],
  ['hardlink', '{name: ROOT/h, target: ROOT/f}'],
  ['hardlink', '{name: ROOT/d/g, target: ROOT/f, force: True}'],
  ['touch', '{name: ROOT/n/m, mtime: 5, atime: 5, makedirs: True}'],
  ['touch', '{name: ROOT/f, mtime: 5, atime: 6}'],
  ['tidied', '{name: ROOT, rmdirs: True}'],
])('file.%s %s', (fun, yaml) => {
  it('tells in the dry run what it does, is silent then, and can be undone', async () => {
    const args = loadYaml(yaml.replaceAll('ROOT', join(root, 'w')), 'args') as Dict
    fs.utimesSync(join(root, 'w/f'), 100, 200)
    const before = picture()
    const told = await decide(fun, args, true)
    expect(told).toMatchObject({ kind: 'drift' })
    expect(picture()).toEqual(before)
    const decision = await decide(fun, args, false)
    if (decision.kind !== 'drift' || told.kind !== 'drift') throw new Error(JSON.stringify(decision))
    expect(toPlain(toValue(decision.changes))).toEqual(toPlain(toValue(told.changes)))
    await job(jid, (act) => decision.apply(act))
    if (fun !== 'touch') expect(picture()).not.toEqual(before)
    expect(await decide(fun, args, false)).toMatchObject({ kind: 'in-sync' })
    let left: unknown
    await job(later, async (act) => {
      left = (await restore(undoJournal(join(root, 'undo'), jid), act)).left
    })
    expect(left).toEqual([])
    expect(picture()).toEqual(before)
    if (fun === 'touch') expect(fs.statSync(join(root, 'w/f')).mtimeMs).toBe(200_000)
  })
})

it('a file that was put where something was moved to is not brought to its old place', async () => {
  const [from, to] = [join(root, 'w/f'), join(root, 'w/d/f')]
  await job(jid, (act) => act.files.move(from, to))
  fs.renameSync(to, `${to}.old`)
  fs.writeFileSync(to, 'foreign')
  await job(later, async (act) => {
    const { left } = await restore(undoJournal(join(root, 'undo'), jid), act)
    expect(left).toEqual([{ what: to, why: 'it was replaced since' }])
  })
  expect(fs.existsSync(from)).toBe(false)
})
