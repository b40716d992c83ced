/** undo.job on real files: what it shows, puts back, refuses, and that it can be undone in turn. */
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isAnswer, type ModuleContext } from '../../../../minion/modules/contract.ts'
import { undoModule } from '../../../../minion/modules/undo.ts'
import type { Changer } from '../../../../minion/system/changer.ts'
import { openMachine } from '../../../../minion/system/machine.ts'
import { makeChanger } from '../../../../minion/system/os-changer.ts'
import { makeReader } from '../../../../minion/system/os-reader.ts'
import { openUndoJournal, undoStore } from '../../../../minion/system/undo-journal.ts'
import { systemClock } from '../../../../shared/clock.ts'
import { type Dict, toPlain, toValue } from '../../../../shared/data/value.ts'
import { type JobId, parseJobId } from '../../../../shared/ids.ts'
import { FakeMachine } from '../../../fake-machine/fake-machine.ts'

const jid = (number: number): JobId => parseJobId(`2026112204080000000${number}`)
const machine = openMachine({ grains: new Map([['kernel', 'Linux']]) })
const { sources } = new FakeMachine().reader
let root = ''

beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'tsalt-undo-'))
  fs.mkdirSync(join(root, 'files'))
  fs.writeFileSync(at('old'), 'before\n', { mode: 0o640 })
})
afterEach(() => fs.rmSync(root, { recursive: true, force: true }))

const at = (name: string): string => join(root, 'files', name)
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text))

async function job(
  number: number,
  work: (act: Changer, context: ModuleContext) => Promise<void>,
): Promise<void> {
  const folder = join(root, 'undo')
  const journal = openUndoJournal(folder, jid(number))
  const { signal } = new AbortController()
  const look = makeReader({ machine, grains: new Map(), pillar: new Map(), sources, signal })
  const act = makeChanger({ machine, reader: look, journal, clock: systemClock, signal })
  const context = {
    look,
    act,
    job: { jid: jid(number), signal, progress: () => undefined },
    config: new Map(),
    id: 'vm',
    services: { undo: undoStore(folder) },
  } as unknown as ModuleContext
  await work(act, context)
  journal.close()
}

interface Entry {
  readonly name: string
  readonly result: boolean | null
  readonly comment: string
  readonly changes: Record<string, string>
}

async function undo(
  number: number,
  which: number,
  options: object = {},
): Promise<{ entries: Entry[]; retcode: number }> {
  let entries: Entry[] = []
  let retcode = -1
  await job(number, async (_, context) => {
    const answer = await undoModule.functions.job?.run(
      { jid: jid(which), force: false, ...options } as never,
      context,
    )
    if (!isAnswer(answer)) throw new Error('no answer')
    retcode = answer.retcode
    entries = [...(toValue(answer.ret) as Dict).values()].map((entry) => toPlain(entry) as Entry)
  })
  return { entries, retcode }
}

const deploy = (): Promise<void> =>
  job(1, async ({ files }) => {
    await files.makeDirectory(at('new/deep'), { parents: true })
    await files.write(at('new/deep/file'), bytes('made\n'))
    await files.write(at('old'), bytes('after\n'), { mode: 0o600 })
    await files.symlink(at('link'), 'old')
  })

const seen = (): string[] => (fs.readdirSync(join(root, 'files'), { recursive: true }) as string[]).sort()

describe('undo.job', () => {
  test('shows what it would do and does nothing, then does it', async () => {
    await deploy()
    const before = seen()
    const dry = await undo(2, 1, { test: true })
    expect(seen()).toEqual(before)
    expect(fs.existsSync(join(root, 'undo', jid(2)))).toBe(false)
    expect(dry.retcode).toBe(0)
    expect(dry.entries.map(({ name, result }) => [name, result])).toEqual([
      [at('link'), null],
      [at('old'), null],
      [at('new/deep/file'), null],
      [at('new/deep'), null],
      [at('new'), null],
    ])
    const real = await undo(3, 1)
    expect(real.retcode).toBe(0)
    expect(real.entries.map(({ changes }) => changes)).toEqual(dry.entries.map(({ changes }) => changes))
    expect(seen()).toEqual(['old'])
    expect(fs.readFileSync(at('old'), 'utf8')).toBe('before\n')
    expect(fs.statSync(at('old')).mode & 0o777).toBe(0o640)
  })

  test('can be undone in turn, and that again', async () => {
    await deploy()
    const after = seen()
    await undo(2, 1)
    expect((await undo(3, 2)).retcode).toBe(0)
    expect(seen()).toEqual(after)
    expect(fs.readFileSync(at('old'), 'utf8')).toBe('after\n')
    await undo(4, 3)
    expect(seen()).toEqual(['old'])
  })

  test('a second undo has nothing to do', async () => {
    await deploy()
    await undo(2, 1)
    const again = await undo(3, 1)
    expect(again.entries.length).toBe(5)
    expect(
      again.entries.every(({ result, changes }) => result === true && Object.keys(changes).length === 0),
    ).toBe(true)
  })

  test('refuses as a whole where something was changed since, with what; force does it all the same', async () => {
    await deploy()
    fs.writeFileSync(at('new/deep/file'), 'mine\n')
    const before = seen()
    for (const options of [{}, { test: true }]) {
      const { entries, retcode } = await undo(2, 1, options)
      expect(retcode).toBe(2)
      expect(entries).toMatchObject([
        {
          name: at('new/deep/file'),
          result: false,
          comment: expect.stringContaining('it was changed since'),
        },
      ])
      expect(seen()).toEqual(before)
      expect(fs.readFileSync(at('old'), 'utf8')).toBe('after\n')
    }
    expect((await undo(3, 1, { force: true })).retcode).toBe(0)
    expect(seen()).toEqual(['old'])
  })

  test('names the later job that changed the same file, although its content is the same', async () => {
    await deploy()
    await job(2, ({ files }) => files.setMode(at('old'), 0o644))
    const { entries } = await undo(3, 1)
    expect(entries).toMatchObject([
      { name: at('old'), result: false, comment: expect.stringContaining(jid(2)) },
    ])
  })

  test('what cannot be put back is named, and the rest is put back', async () => {
    await job(1, async ({ commands, files }) => {
      await commands.run('true')
      await files.write(at('old'), bytes('after\n'))
    })
    const dry = await undo(2, 1, { test: true })
    const real = await undo(3, 1)
    for (const { entries, retcode } of [dry, real]) {
      expect(retcode).toBe(2)
      expect(entries.find(({ name }) => name === 'command: true')).toMatchObject({
        result: false,
        comment: 'Cannot be put back: a command ran',
      })
    }
    expect(fs.readFileSync(at('old'), 'utf8')).toBe('before\n')
  })

  test('a directory in which others put something stays', async () => {
    await deploy()
    fs.writeFileSync(at('new/theirs'), '')
    const dry = await undo(2, 1, { test: true })
    expect(dry.entries.find(({ name }) => name === at('new'))).toMatchObject({
      result: false,
      comment: 'Cannot be put back: it is not empty: theirs',
    })
    await undo(3, 1)
    expect(seen()).toEqual(['new', 'new/theirs', 'old'])
  })

  test('a job that changed nothing here is unknown', async () => {
    await expect(undo(2, 1)).rejects.toMatchObject({ code: 'undo-unknown' })
  })
})

test('undo.list tells of every job that is kept', async () => {
  await deploy()
  await job(2, async ({ commands }) => void (await commands.run('true')))
  await job(3, async (_, context) => {
    const list = toPlain(toValue((await undoModule.functions.list?.run({}, context)) as never))
    expect(list).toEqual({
      [jid(1)]: {
        files: 5,
        services: 0,
        packages: 0,
        accounts: 0,
        commands: 0,
        'cannot be put back': 0,
        'first files': expect.arrayContaining([at('new')]),
      },
      [jid(2)]: {
        files: 0,
        services: 0,
        packages: 0,
        accounts: 0,
        commands: 0,
        'cannot be put back': 1,
        'first files': [],
      },
    })
  })
})

describe('undo.job is not led astray', () => {
  const modeOf = (name: string): number => fs.statSync(at(name)).mode & 0o7777

  test('by a program that was put where one with set-user-id was', async () => {
    fs.chmodSync(at('old'), 0o4755)
    await job(1, ({ files }) => files.setMode(at('old'), 0o755))
    fs.rmSync(at('old'))
    fs.writeFileSync(at('old'), 'another program\n', { mode: 0o755 })
    for (const force of [false, true]) {
      const { entries, retcode } = await undo(force ? 3 : 2, 1, { force })
      expect([retcode, entries[0]?.result, modeOf('old')]).toEqual([2, false, 0o755])
      expect(entries[0]?.comment).toContain('its content is another one now')
    }
    // What had it gets it again.
    fs.writeFileSync(at('old'), 'before\n')
    expect((await undo(4, 1)).retcode).toBe(0)
    expect(modeOf('old')).toBe(0o4755)
  })

  test('a file that took the place of a link and was edited since is not lost to the link', async () => {
    fs.symlinkSync('old', at('link'))
    await job(1, ({ files }) => files.write(at('link'), bytes('made\n')))
    fs.writeFileSync(at('link'), 'mine\n')
    const { entries, retcode } = await undo(2, 1)
    expect([retcode, entries[0]?.comment]).toEqual([2, expect.stringContaining('it was changed since')])
    expect(fs.readFileSync(at('link'), 'utf8')).toBe('mine\n')
    expect(fs.readFileSync(at('old'), 'utf8')).toBe('before\n')
  })

  test('a file that somebody put where the job made a link or a folder is not removed', async () => {
    await job(1, async ({ files }) => {
      await files.symlink(at('link'), 'old')
      await files.makeDirectory(at('folder'))
    })
    for (const name of ['link', 'folder']) {
      fs.rmSync(at(name), { recursive: true })
      fs.writeFileSync(at(name), 'mine\n')
    }
    expect((await undo(2, 1)).retcode).toBe(2)
    expect(seen()).toEqual(['folder', 'link', 'old'])
  })
})
