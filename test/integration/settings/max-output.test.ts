import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const program = resolve(import.meta.dirname, '../../../dist/tsalt-call.cjs')
const root = mkdtempSync(join(tmpdir(), 'tsalt-settings-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

test('max_output bounds what is kept of a command, and says what was dropped', () => {
  mkdirSync(join(root, 'etc/tsalt'), { recursive: true, mode: 0o750 })
  writeFileSync(join(root, 'etc/tsalt/minion'), 'id: x\nmax_output: 10\n', { mode: 0o640 })
  const call = (fun: string): string =>
    spawnSync(process.execPath, [program, '--local', '--root-dir', root, '--out', 'json', fun, 'seq 1 100'], {
      encoding: 'utf8',
    }).stdout
  expect(JSON.parse(call('cmd.run'))).toEqual({
    local: '1\n2\n3\n4\n5\n[282 bytes more were written than max_output allows, and dropped]',
  })
  expect(JSON.parse(call('cmd.run_all')).local).toMatchObject({ stdout: '1\n2\n3\n4\n5', dropped: 282 })
})
