import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { systemClock } from '../../../shared/clock.ts'
import { makeLogger } from '../../../shared/log.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsalt-log-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('writes the levels of the configuration at once, redacted, for its owner only', () => {
  const to = join(folder, 'log')
  const redact = (line: string): string => line.replaceAll('hunter2', '***')
  const logger = makeLogger({ name: 'tsalt-minion', level: 'warning', to, clock: systemClock, redact })
  logger.info('not this')
  logger.warn({ password: 'hunter2' }, 'hunter2 is the password')
  logger.fatal('end')
  const lines = readFileSync(to, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines).toMatchObject([
    { level: 'warning', name: 'tsalt-minion', password: '***', msg: '*** is the password' },
    { level: 'critical', msg: 'end' },
  ])
  expect(lines[0].time).toMatch(/^\d{4}-\d\d-\d\dT/)
  expect(statSync(to).mode & 0o777).toBe(0o600)
})

it('says nothing when it is quiet', () => {
  const to = join(folder, 'log')
  const logger = makeLogger({ name: 'x', level: 'quiet', to, clock: systemClock })
  logger.fatal('nothing')
  expect(readFileSync(to, 'utf8')).toBe('')
})

it('writes a line for people where the log is the terminal', () => {
  const to = join(folder, 'log')
  const redact = (line: string): string => line.replaceAll('hunter2', '***')
  const logger = makeLogger({
    name: 'tsalt-call',
    level: 'warning',
    to,
    clock: systemClock,
    redact,
    forPeople: true,
  })
  logger.warn({ err: new Error('inner') }, 'the password is hunter2')
  logger.error('two\u001b[31m words')
  expect(readFileSync(to, 'utf8')).toBe('[WARNING ] the password is ***\n[ERROR   ] two\\x1b[31m words\n')
})
