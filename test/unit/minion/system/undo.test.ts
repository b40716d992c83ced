import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Changer } from '../../../../minion/system/changer.ts'
import { openMachine } from '../../../../minion/system/machine.ts'
import { makeChanger } from '../../../../minion/system/os-changer.ts'
import { makeReader } from '../../../../minion/system/os-reader.ts'
import {
  openUndoJournal,
  sweepAfterCrash,
  type UndoLimits,
  undoableJobs,
  undoJournal,
} from '../../../../minion/system/undo-journal.ts'
import { restore } from '../../../../minion/system/undo-restore.ts'
import { systemClock } from '../../../../shared/clock.ts'
import { type JobId, parseJobId } from '../../../../shared/ids.ts'
import { FakeJournal } from '../../../fake-machine/fake-journal.ts'
import { FakeMachine } from '../../../fake-machine/fake-machine.ts'

const jobs = ['20261122040800000001', '20261122040800000002', '20261122040800000003'].map(parseJobId) as [
  JobId,
  JobId,
  JobId,
]
const machine = openMachine({ grains: new Map([['kernel', 'Linux']]) })
const sources = new FakeMachine().reader.sources
const isRoot = process.geteuid?.() === 0
let root = ''
let undo = ''

beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'tsalt-undo-'))
  undo = join(root, 'state/undo')
  fs.mkdirSync(join(root, 'files'))
})
afterEach(() => fs.rmSync(root, { recursive: true, force: true }))

const at = (name: string) => join(root, 'files', name)
const text = (value: string) => new Uint8Array(Buffer.from(value))

async function job(jid: JobId, work: (act: Changer) => Promise<void>, limits?: UndoLimits): Promise<void> {
  const journal = openUndoJournal(undo, jid, limits)
  const reader = makeReader({ machine, grains: new Map(), pillar: new Map(), sources })
  const signal = new AbortController().signal
  await work(makeChanger({ machine, reader, journal, clock: systemClock, signal }))
  journal.close()
}

async function undoJob(jid: JobId, options?: { force?: boolean }) {
  let report: Awaited<ReturnType<typeof restore>> = { restored: [], left: [] }
  await job(jobs[2], async (act) => {
    report = await restore(undoJournal(undo, jid), act, options)
  })
  return report
}

/** Everything in the folder: type, mode, owner, content or target. */
function picture(directory = join(root, 'files')): Record<string, string> {
  const found: Record<string, string> = {}
  for (const name of fs.readdirSync(directory)) {
    const path = join(directory, name)
    const stat = fs.lstatSync(path)
    const owner = `${stat.uid}:${stat.gid} ${(stat.mode & 0o7777).toString(8)}`
    if (stat.isSymbolicLink()) found[path] = `link ${fs.readlinkSync(path)}`
    else if (stat.isDirectory()) Object.assign(found, { [path]: `directory ${owner}` }, picture(path))
    else found[path] = `file ${owner} ${fs.readFileSync(path, 'utf8')}`
  }
  return found
}

function prepare(): void {
  fs.writeFileSync(at('edited'), 'before', { mode: 0o640 })
  fs.writeFileSync(at('moded'), 'm', { mode: 0o600 })
  fs.mkdirSync(at('tree/deep'), { recursive: true, mode: 0o750 })
  fs.writeFileSync(at('tree/deep/f'), 'deep', { mode: 0o400 })
  fs.symlinkSync('nowhere', at('tree/link'))
  fs.symlinkSync('edited', at('link'))
}

describe('undo of files', () => {
  it('puts back contents, modes, owners, links, directories and removals', async () => {
    prepare()
    const before = picture()
    await job(jobs[0], async (act) => {
      await act.files.write(at('edited'), text('one'), { mode: 0o644 })
      await act.files.write(at('edited'), text('two'), isRoot ? { user: 1234, group: 1234 } : {})
      await act.files.makeDirectory(at('new/deep'), { parents: true, mode: 0o700 })
      await act.files.write(at('new/deep/f'), text('new'))
      await act.files.setMode(at('moded'), 0o4755)
      await act.files.symlink(at('link'), 'moded')
      await act.files.symlink(at('new-link'), 'x')
      await act.files.remove(at('tree'))
      await act.files.remove(at('edited'))
    })
    expect(picture()).not.toEqual(before)
    const report = await undoJob(jobs[0])
    expect(report.left).toEqual([])
    expect(picture()).toEqual(before)
    expect(report.restored).toContain(at('tree/deep/f'))
  })

  it('can itself be undone', async () => {
    await job(jobs[0], (act) => act.files.write(at('f'), text('x')))
    await undoJob(jobs[0])
    expect(fs.existsSync(at('f'))).toBe(false)
    await job(jobs[1], async (act) => {
      await restore(undoJournal(undo, jobs[2]), act)
    })
    expect(fs.readFileSync(at('f'), 'utf8')).toBe('x')
  })

  it('leaves what someone changed since, unless it is forced', async () => {
    fs.writeFileSync(at('f'), 'before')
    await job(jobs[0], (act) => act.files.write(at('f'), text('job')))
    fs.writeFileSync(at('f'), 'edited by hand')
    expect((await undoJob(jobs[0])).left).toEqual([{ what: at('f'), why: 'it was changed since' }])
    expect(fs.readFileSync(at('f'), 'utf8')).toBe('edited by hand')
    await undoJob(jobs[0], { force: true })
    expect(fs.readFileSync(at('f'), 'utf8')).toBe('before')
  })

  it('keeps what others put into a directory of the job', async () => {
    await job(jobs[0], (act) => act.files.makeDirectory(at('d')))
    fs.writeFileSync(at('d/theirs'), '')
    expect((await undoJob(jobs[0])).left[0]?.why).toBe('it is not empty: theirs')
  })

  it('says what was too large to keep, and what a command did', async () => {
    fs.writeFileSync(at('big'), 'x'.repeat(100))
    await job(
      jobs[0],
      async (act) => {
        await act.files.write(at('big'), text('small'))
        await act.commands.run(['true'])
      },
      { image: 50 },
    )
    expect((await undoJob(jobs[0])).left).toEqual([
      { what: 'command: true', why: 'a command ran' },
      { what: at('big'), why: 'its 100 bytes are too many to keep' },
    ])
  })
})

describe('the journal', () => {
  it('is for its owner only, and does not exist for a run that changes nothing', async () => {
    await job(jobs[0], async () => undefined)
    expect(undoableJobs(undo)).toEqual([])
    fs.writeFileSync(at('f'), 'secret', { mode: 0o666 })
    await job(jobs[0], (act) => act.files.write(at('f'), text('x')))
    const own = join(undo, jobs[0])
    const mode = (path: string) => (fs.statSync(path).mode & 0o777).toString(8)
    expect([own, join(own, 'images')].map(mode)).toEqual(['700', '700'])
    const image = join(own, 'images', fs.readdirSync(join(own, 'images'))[0] ?? '')
    expect([image, join(own, 'journal.jsonl')].map(mode)).toEqual(['600', '600'])
  })

  it('drops the oldest jobs beyond its quota', async () => {
    fs.writeFileSync(at('f'), 'x'.repeat(1_000))
    await job(jobs[0], (act) => act.files.write(at('f'), text('y'.repeat(1_000))), { total: 1_500 })
    await job(jobs[1], (act) => act.files.write(at('f'), text('z'.repeat(1_000))), { total: 1_500 })
    expect(undoableJobs(undo)).toEqual([jobs[0], jobs[1]])
    await job(jobs[2], (act) => act.files.write(at('f'), text('0')), { total: 1_500 })
    expect(undoableJobs(undo)).toEqual([jobs[1], jobs[2]])
  })

  it('forgives a cut last line and refuses damage before it', async () => {
    await job(jobs[0], (act) => act.files.write(at('f'), text('x')))
    const path = join(undo, jobs[0], 'journal.jsonl')
    fs.appendFileSync(path, '{"kind":"abs')
    expect(undoJournal(undo, jobs[0]).entries).toHaveLength(1)
    fs.appendFileSync(path, '\n{"kind":"absent","path":"/x"}\n')
    expect(() => undoJournal(undo, jobs[0])).toThrow(/damaged at line 2/)
    expect(() => undoJournal(undo, jobs[1])).toThrow(/no undo journal/)
  })

  it('notices a damaged before-image and leaves the file', async () => {
    fs.writeFileSync(at('f'), 'before')
    await job(jobs[0], (act) => act.files.write(at('f'), text('x')))
    const images = join(undo, jobs[0], 'images')
    fs.writeFileSync(join(images, fs.readdirSync(images)[0] ?? ''), 'other')
    expect((await undoJob(jobs[0])).left[0]?.why).toMatch(/damaged/)
    expect(fs.readFileSync(at('f'), 'utf8')).toBe('x')
  })

  it('knows where a crash may have left temporary files', async () => {
    await job(jobs[0], (act) => act.files.write(at('f'), text('x')))
    fs.writeFileSync(at('.f.0123456789abcdef'), 'half')
    fs.writeFileSync(at('.other.0123456789abcdef'), 'of someone else')
    expect(sweepAfterCrash(undo)).toEqual([at('.f.0123456789abcdef')])
    expect(fs.readdirSync(join(root, 'files')).sort()).toEqual(['.other.0123456789abcdef', 'f'])
  })
})

describe('undo of services, holds, packages and accounts', () => {
  it('puts each back as it was before its first change, and names what it cannot undo', async () => {
    const fake = new FakeMachine({
      services: { redis: { running: true, enabled: true }, nginx: { running: false, enabled: true } },
      packages: { installed: { redis: { version: '1', held: true }, libc6: '2.40' } },
      users: { web: { uid: 1000 } },
    })
    const entries = [
      { kind: 'service', name: 'redis', running: false, enabled: false, masked: true },
      { kind: 'service', name: 'redis', running: true, enabled: false, masked: false },
      { kind: 'service', name: 'gone', running: true, enabled: true, masked: false },
      { kind: 'held', before: { redis: false } },
      { kind: 'packages', before: { libc6: '2.36' } },
      { kind: 'account', what: 'user', name: 'web', before: null },
    ] as const
    const plan = { jid: jobs[0], entries: [...entries], image: () => new Uint8Array() }
    const report = await restore(plan, fake.changer)
    expect(fake.actions).toEqual([
      'service.stop redis',
      'userdel web',
      'packages.unhold redis',
      'service.mask redis',
    ])
    expect(report.restored).toEqual(['user web', 'hold of redis', 'service redis'])
    expect(report.left).toEqual([
      { what: 'package libc6', why: expect.stringContaining('its version was 2.36') },
      { what: 'service gone', why: 'it no longer exists' },
    ])
  })

  it('leaves a package that others need, and takes those of the job together', async () => {
    const installed = {
      tool: '1',
      'tool-data': { version: '1', neededBy: ['tool'] },
      shared: { version: '1', neededBy: ['theirs'] },
      theirs: '1',
    }
    const fake = new FakeMachine({ packages: { installed } })
    const before = { tool: null, 'tool-data': null, shared: null }
    const plan = {
      jid: jobs[0],
      entries: [{ kind: 'packages', before } as const],
      image: () => new Uint8Array(),
    }
    const report = await restore(plan, fake.changer, { purge: true })
    expect(fake.actions).toEqual(['packages.purge tool tool-data'])
    expect(report.left).toEqual([{ what: 'package shared', why: 'theirs needs it' }])
  })

  it('gives a user back what it was, with its password and groups', async () => {
    const fake = new FakeMachine({
      users: {
        web: {
          uid: 1500,
          gid: 1500,
          fullname: 'Web',
          home: '/srv/web',
          shell: '/bin/zsh',
          passwordHash: '$6$x',
        },
      },
      groups: { web: { gid: 1500 }, adm: { members: ['web'] }, www: { gid: 33, members: ['web'] } },
    })
    const before = fake.snapshot()
    await fake.changer.accounts.changeUser('web', { shell: '/bin/sh', passwordHash: '!', groups: [] })
    await fake.changer.accounts.removeUser('web')
    await fake.changer.accounts.removeGroup('www')
    const report = await restore(fake.journal.plan(), fake.changerFor(new FakeJournal()))
    expect(report).toEqual({ restored: ['group www', 'user web'], left: [] })
    expect(fake.snapshot()).toEqual(before)
  })
})

describe('undo of commands', () => {
  const step = (text: string) => ({ argv: ['sh', '-c', 'cat >> log; echo "$0 $WHO" >> log', text] })
  const log = () => fs.readFileSync(at('log'), 'utf8').split('\n').filter(Boolean)

  it('runs their steps, the last command first; the undo can be undone, and that again', async () => {
    await job(jobs[0], async ({ commands }) => {
      const undo = [
        { ...step('drop'), cwd: join(root, 'files'), env: { WHO: 'me' }, stdin: 'secret\n' },
        { ...step('forget'), cwd: join(root, 'files') },
      ]
      await commands.run(step('create').argv, { undo, cwd: join(root, 'files'), env: { WHO: 'you' } })
      await commands.run(step('reload').argv, { undo: [], cwd: join(root, 'files') })
      await commands.run(step('grant').argv, {
        undo: [{ ...step('revoke'), cwd: join(root, 'files') }],
        cwd: join(root, 'files'),
      })
    })
    expect(log()).toEqual(
      ['create you', 'reload', 'grant'].map((line) => (line.includes(' ') ? line : `${line} `)),
    )
    fs.rmSync(at('log'))
    const { restored, left } = await undoJob(jobs[0])
    expect(left).toEqual([])
    expect(restored).toHaveLength(2)
    expect(log()).toEqual(['revoke ', 'secret', 'drop me', 'forget '])
    fs.rmSync(at('log'))
    await job(jobs[1], async (act) => void (await restore(undoJournal(undo, jobs[2]), act)))
    expect(log()).toEqual(['create you', 'grant '])
    fs.rmSync(at('log'))
    await job(
      parseJobId('20261122040800000004'),
      async (act) => void (await restore(undoJournal(undo, jobs[1]), act)),
    )
    expect(log()).toEqual(['revoke ', 'secret', 'drop me', 'forget '])
  })

  it('are not taken back where they failed or were interrupted, and a step that fails is told', async () => {
    const inverse = { undo: [{ argv: ['touch', at('inverse')] }] }
    await job(jobs[0], async ({ commands }) => {
      await commands.run(['false'], inverse)
      await commands.run(['sleep', '9'], { ...inverse, timeout: 50 })
      await commands.run(['true'], { undo: [{ argv: ['sh', '-c', 'echo cannot >&2; exit 3'] }] })
    })
    const path = join(undo, jobs[0], 'journal.jsonl')
    fs.appendFileSync(
      path,
      '{"kind":"command","id":"x","what":"command: cut","did":[],"steps":[{"argv":["touch","/x"]}]}\n',
    )
    const { left } = await undoJob(jobs[0])
    expect(left.map(({ what, why }) => `${what}: ${why}`)).toEqual([
      expect.stringMatching(/^command: cut: the minion ended before/),
      expect.stringMatching(/^command: true: .*cannot/),
      expect.stringMatching(/^command: sleep 9: it failed/),
      expect.stringMatching(/^command: false: it failed with 1/),
    ])
    expect(fs.existsSync(at('inverse'))).toBe(false)
  })
})
