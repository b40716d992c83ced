import { describe, expect, it } from 'vitest'
import { JobLedger } from '../../../../master/cli/job-ledger.ts'
import { liveLines } from '../../../../master/cli/live-view.ts'
import { columnsOf, fitColumns } from '../../../../master/cli/text-width.ts'
import { paintOf } from '../../../../shared/output/paint.ts'
import { job, returned, target, testJid } from './scripted-master.ts'

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

  it('never has more lines than the terminal, nor longer ones', () => {
    const many = Array.from({ length: 50 }, (_, index) => running(`web${index}`, '日本語'.repeat(20)))
    const shown = lines(many)
    expect(shown).toHaveLength(7)
    expect(shown.at(-3)).toBe('… and 46 more under way, the slowest are shown')
    for (const line of shown) expect(columnsOf(line)).toBeLessThan(options.columns)
    expect(shown[0]).toMatch(/… {2}12 s$/)
  })

  it('shows control characters of a state as what they are', () => {
    expect(lines([running('web1', 'a\x1b[2J')])[0]).toContain('a\\x1b[2J')
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
