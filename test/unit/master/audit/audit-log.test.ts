import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { brokenLink, firstLink, openAuditLog } from '../../../../master/audit/audit-log.ts'
import { systemClock } from '../../../../shared/clock.ts'

describe('the audit log', () => {
  let folder: string
  let file: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tsalt-audit-'))
    file = join(folder, 'log/audit')
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const write = (...kinds: string[]): void => {
    const audit = openAuditLog(file, systemClock)
    for (const kind of kinds) audit.record({ actor: 'operator:root', kind, verdict: 'allowed' })
    audit.close()
  }
  const text = (): string => readFileSync(file, 'utf8')

  it('chains its lines across restarts, in a file for nobody else', () => {
    write('key.accept', 'key.revoke')
    write('key.delete')
    const lines = text()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.map(({ kind }) => kind)).toEqual(['key.accept', 'key.revoke', 'key.delete'])
    expect(lines[0].previous).toBe(firstLink)
    expect(brokenLink(text())).toBeUndefined()
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('shows an edit, a removed line, and goes on after a line that a crash cut short', () => {
    write('a', 'b', 'c')
    const whole = text()
    expect(brokenLink(whole.replace('"b"', '"x"'))).toBe(3)
    const [first, , third] = whole.split('\n')
    expect(brokenLink(`${first}\n${third}\n`)).toBe(2)
    appendFileSync(file, '{"time":"2026-')
    write('d')
    expect(brokenLink(text())).toBe(4)
    const last = text().trim().split('\n').at(-1) ?? ''
    expect(JSON.parse(last)).toMatchObject({ kind: 'd' })
    expect(text().startsWith(whole)).toBe(true)
  })

  it('continues a chain whose last line is long', () => {
    const audit = openAuditLog(file, systemClock)
    audit.record({ actor: 'a', kind: 'k', verdict: 'refused', reason: 'x'.repeat(30_000) })
    audit.close()
    write('after')
    expect(brokenLink(text())).toBeUndefined()
  })

  it('an empty file begins a chain', () => {
    write()
    writeFileSync(file, '')
    write('a')
    expect(brokenLink(text())).toBeUndefined()
  })
})
