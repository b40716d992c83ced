/** `salt_compat=True` behind a function of states counts for that call; `opts.config_dir` is where the options are. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const program = resolve(import.meta.dirname, '../../../dist/tsalt-call.cjs')
const folder = mkdtempSync(join(tmpdir(), 'tsalt-compat-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const call = (...words: readonly string[]): string =>
  spawnSync(
    process.execPath,
    [program, '--local', '--root-dir', folder, '--file-root', folder, '--out=json', ...words],
    {
      encoding: 'utf8',
    },
  ).stdout

test.each(['state.apply', 'state.show_low_sls', 'state.show_sls'])('%s', (fun) => {
  writeFileSync(join(folder, 'a.sls'), 'x:\n  test.nop:\n    - watch_in: [{test: y}]\n')
  expect(call(fun, 'a')).toContain('names \\"test: y\\", which is not part')
  expect(call(fun, 'a', 'salt_compat=True')).toContain('nop')
  expect(call('--salt-compat', fun, 'a')).toContain('nop')
})

test('opts.config_dir', () => {
  writeFileSync(join(folder, 'b.sls'), "{{ opts['config_dir'] }}: test.nop\n")
  expect(call('state.show_sls', 'b')).toContain(join(folder, 'etc/tsalt'))
})
