import { describe, expect, it } from 'vitest'
import type { Console } from '../../../../master/cli/console.ts'
import { JobLedger } from '../../../../master/cli/job-ledger.ts'
import { LiveScreen } from '../../../../master/cli/live-screen.ts'
import { liveLines } from '../../../../master/cli/live-view.ts'
import { columnsOf, fitColumns } from '../../../../master/cli/text-width.ts'
import { paintOf } from '../../../../shared/output/paint.ts'
import { job, returned, rollout, target, testJid } from './scripted-master.ts'

const options = { columns: 64, rows: 8, unicode: true, paint: paintOf(false) }
const running = (id: string, name = 'nginx') =>
  target(id, {
    status: 'running',
    progress: {
      jid: testJid,
      phase: 'running',
      elapsed: 12_000,
      step: { index: 4, total: 120, fun: 'pkg.installed', id: name, name },
    },
  })

function lines(targets: ReturnType<typeof target>[], now = 1000): string[] {
  const ledger = new JobLedger()
  ledger.take({ type: 'job', job: job(targets) }, 1000)
  return liveLines(ledger, 0, now, options)
}

describe('the live view', () => {
  it('has a line for each host that is under way', () => {
    const queued = target('db1', {
      status: 'queued',
      progress: { jid: testJid, phase: 'queued', elapsed: 3000, queue: { ahead: 2, behind: testJid } },
    })
    expect(
      lines(
        [running('web1'), queued, target('web10'), returned('x', true), target('y', { status: 'waiting' })],
        3500,
      ),
    ).toEqual([
      'web1   [  4/120] pkg.installed nginx  14 s',
      'db1    queued behind jid 20261122031950008068, 2 ahead  5 s',
      'web10  sent',
      '1 of 5 returned: 1 ok, 1 running, 1 queued, 1 sent, 1 offline',
      '3.5 s. Ctrl-C: leave or cancel the job.',
    ])
  })

  it('tells of a rollout which gates are asked, and makes no estimate out of single runs', () => {
    const ledger = new JobLedger()
    const whole = job([returned('web1', true), target('web2', { status: 'held' })])
    ledger.take(
      { type: 'job', job: { ...whole, expected: { usual: 9_000, longest: 12_000, runs: 3 } } },
      1000,
    )
    ledger.take({ type: 'rollout', rollout: rollout('running', { gatesAsked: 1 }) }, 1000)
    expect(liveLines(ledger, 0, 13_000, options)).toEqual([
      '[███████░░░░░░░] 1 of 2 returned: 1 ok, 1 to come, 1 gate asked',
      '13.0 s. Ctrl-C: leave or cancel the job.',
    ])
  })

  it('never has more lines than the terminal, nor longer ones', () => {
    const many = Array.from({ length: 50 }, (_, index) => running(`web${index}`, '日本語'.repeat(20)))
    const shown = lines(many)
    expect(shown).toHaveLength(7)
    expect(shown.at(-3)).toBe('… and 46 more under way, the slowest are shown')
    for (const line of shown) expect(columnsOf(line)).toBeLessThan(options.columns)
    expect(shown[0]).toMatch(/… {2}12 s$/)
  })

  it('counts what came, names what failed, and shows the slowest where not all fit', () => {
    const slow = (index: number) => {
      const account = running(`web${index}`)
      const progress = account.progress && { ...account.progress, elapsed: index * 1_000 }
      return { ...account, ...(progress ? { progress } : {}) }
    }
    const many = [
      ...Array.from({ length: 40 }, (_, index) => slow(index)),
      ...['a', 'b', 'c'].map((id) => returned(id, true)),
      ...Array.from({ length: 12 }, (_, index) =>
        returned(`broken${index}.example.org`, 'x', { retcode: 1, success: false }),
      ),
    ]
    expect(lines(many)).toEqual([
      'web39  [  4/120] pkg.installed nginx  39 s',
      'web38  [  4/120] pkg.installed nginx  38 s',
      'web37  [  4/120] pkg.installed nginx  37 s',
      '… and 37 more under way, the slowest are shown',
      'failed: broken0.example.org, broken1.example.org and 10 more',
      '[███░░░░░░░░░░░] 15 of 55 returned: 3 ok, 40 running, 12 failed',
      '1.0 s. Ctrl-C: leave or cancel the job.',
    ])
  })

  it.each([
    [2_000, '2.0 s, about 58 s left. Ctrl-C: leave or cancel the job.'],
    [70_000, '1 min 10 s, longer than the last runs (60 s). Ctrl-C: leave or…'],
  ])('tells what is left, going by the last runs: after %i ms', (now, text) => {
    const ledger = new JobLedger()
    const expected = { usual: 30_000, longest: 60_000, runs: 3 }
    ledger.take({ type: 'job', job: { ...job([running('web1')]), expected } }, now)
    expect(liveLines(ledger, 0, now, options).at(-1)).toBe(text)
  })

  it('says behind whom a run waits, and for how long', () => {
    const wide = { ...options, columns: 140 }
    const queue = {
      ahead: 2,
      behind: testJid,
      fun: 'state.highstate',
      index: 41,
      total: 120,
      left: 20_400,
    }
    const ledger = new JobLedger()
    const account = target('db1', {
      status: 'queued',
      progress: { jid: testJid, phase: 'queued', elapsed: 3000, queue },
    })
    ledger.take({ type: 'job', job: job([account]) }, 0)
    expect(liveLines(ledger, 0, 0, wide)[0]).toBe(
      `db1  queued behind jid ${testJid} (state.highstate, state 41 of 120, about 20 s left), 2 ahead  3 s`,
    )
  })

  it.each([1, 2, 3, 4, 24])('fits a window of %i rows', (rows) => {
    const ledger = new JobLedger()
    ledger.take({ type: 'job', job: job(['a', 'b', 'c', 'd'].map((id) => running(id))) }, 0)
    expect(liveLines(ledger, 0, 0, { ...options, rows }).length).toBeLessThanOrEqual(Math.max(1, rows - 1))
  })

  it('shows control characters of a state as what they are', () => {
    expect(lines([running('web1', 'a\x1b[2J')])[0]).toContain('a\\x1b[2J')
  })
})

describe('the screen', () => {
  function screenOf(): { screen: LiveScreen; written: string[]; size: { columns: number; rows: number } } {
    const written: string[] = []
    const size = { columns: 40, rows: 10 }
    const write = (text: string): void => void written.push(text)
    const console = { out: write, err: write, size: () => size } as unknown as Console
    return { screen: new LiveScreen(console), written, size }
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for the code that goes up
  const rowsUp = (text: string): string | undefined => /\x1b\[(\d+)A/.exec(text)?.[1]

  it('draws over what it drew, and takes it away', () => {
    const { screen, written } = screenOf()
    screen.draw(['one', 'two'])
    expect(rowsUp(written.join(''))).toBeUndefined()
    written.length = 0
    screen.draw(['one', 'two'])
    expect(written).toEqual([])
    screen.draw(['three'], 'for good\n')
    const text = written.join('')
    expect(rowsUp(text)).toBe('2')
    expect(text.indexOf('for good\n')).toBeLessThan(text.indexOf('three'))
    written.length = 0
    screen.clear()
    expect(rowsUp(written.join(''))).toBe('1')
    expect(written.join('')).toContain('\x1b[?25h')
  })

  it('knows that a window that became narrower has wrapped its lines', () => {
    const { screen, written, size } = screenOf()
    screen.draw([`\x1b[0;32m${'x'.repeat(39)}\x1b[0;0m`, 'short'])
    size.columns = 20
    written.length = 0
    screen.clear()
    expect(rowsUp(written.join(''))).toBe('3')
  })
})

describe('cutting', () => {
  it.each([
    ['short', 10, 'short'],
    ['exactly ten', 11, 'exactly ten'],
    ['one too long', 11, 'one too lo…'],
    ['日本語', 6, '日本語'],
    ['日本語', 5, '日本…'],
    ['日本語', 4, '日…'],
  ])('%s to %i', (text, columns, cut) => {
    expect(fitColumns(text, columns, true)).toBe(cut)
  })
})
