import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openAuditLog } from '../../../../master/audit/audit-log.ts'
import { auditEntries, verifyAudit } from '../../../../master/audit/verify-audit.ts'
import { systemClock } from '../../../../shared/clock.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsalt-verify-'))
  file = join(folder, 'audit')
  write('a', 'b', 'c', 'd')
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(...kinds: string[]): void {
  const audit = openAuditLog(file, systemClock)
  for (const kind of kinds)
    audit.record({ actor: 'operator:root', kind, verdict: 'allowed', reason: 'a\u2028b\rc' })
  audit.close()
}
const lines = (): string[] => readFileSync(file, 'utf8').split('\n').slice(0, -1)
const put = (all: readonly string[]): void => writeFileSync(file, all.map((line) => `${line}\n`).join(''))
const broken = async (): Promise<number[]> => (await verifyAudit(file)).breaks.map(({ line }) => line)

it('finds nothing in a whole log, also across a restart', async () => {
  write('e')
  expect(await verifyAudit(file)).toMatchObject({ lines: 5, breaks: [], contains: undefined })
  const kinds: string[] = []
  for await (const { kind, reason } of auditEntries(file)) {
    kinds.push(kind)
    expect(reason).toBe('a\u2028b\rc')
  }
  expect(kinds).toEqual(['a', 'b', 'c', 'd', 'e'])
})

it('tells the line after an edit, a removal, an insertion, an exchange, and a beginning that was cut off', async () => {
  const [a = '', b = '', c = '', d = ''] = lines()
  put([a, b.replace('"b"', '"x"'), c, d])
  expect(await broken()).toEqual([3])
  put([a, c, d])
  expect(await broken()).toEqual([2])
  put([a, b, b, c, d])
  expect(await broken()).toEqual([3])
  put([a, c, b, d])
  expect(await broken()).toEqual([2, 3, 4])
  put([b, c, d])
  expect(await broken()).toEqual([1])
  expect((await verifyAudit(file)).breaks[0]?.what).toContain('the beginning was cut off')
  put([a, b, 'null', c, d])
  expect(await broken()).toEqual([3, 4])
})

it('shows an end that was cut off to who has kept the hash of the last line', async () => {
  const { head } = await verifyAudit(file)
  write('e')
  expect(await verifyAudit(file, head)).toMatchObject({ breaks: [], contains: true })
  put(lines().slice(0, 2))
  expect(await verifyAudit(file, head)).toMatchObject({ lines: 2, breaks: [], contains: false })
})

it('names the line that a crash cut short, and only that one', async () => {
  appendFileSync(file, '{"time":"2026-')
  write('e')
  expect((await verifyAudit(file)).breaks).toEqual([
    { line: 5, what: 'is no entry: it was cut short by a crash, or edited' },
  ])
})

it('says why a file cannot be read', async () => {
  await expect(verifyAudit(join(folder, 'none'))).rejects.toMatchObject({ code: 'audit-unreadable' })
})
