/** `-l debug` shows what templates made of an SLS, without what is secret. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const program = resolve(import.meta.dirname, '../../../dist/tsalt-call.cjs')
const folder = mkdtempSync(join(tmpdir(), 'tsalt-rendered-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const states = join(folder, 'states')
const pillar = join(folder, 'pillar')
for (const path of [states, pillar]) mkdirSync(path)
writeFileSync(join(pillar, 'top.sls'), 'base: {"*": [app]}\n')
writeFileSync(join(pillar, 'app.sls'), 'db_password: sesame-open\n')

function logged(level: string, sls: string): string {
  writeFileSync(join(states, 'web.sls'), sls)
  const place = ['--local', '--root-dir', folder, '--file-root', states, '--pillar-root', pillar]
  const words = [...place, '-l', level, 'state.apply', 'web']
  return spawnSync(process.execPath, [program, ...words], { encoding: 'utf8' }).stderr
}

const sls = `{% set who = 'world' %}
a:
  test.nop:
    - greeting: hello {{ who }}
    - password: hunter22secret
    - text: {{ pillar['db_password'] }}
`

test('a rendered SLS', () => {
  const debug = logged('debug', sls)
  expect(debug).toContain('Rendered web.sls:')
  expect(debug).toContain('- greeting: hello world')
  expect(debug).toMatch(/- password: \*+\n {4}- text: \*+\n/)
  expect(debug).not.toMatch(/hunter22|sesame/)
  expect(logged('warning', sls)).not.toContain('greeting')
})

test('none that the compiler refuses: nobody knows what in it is secret', () => {
  expect(logged('debug', `${sls}    - require: [{test: nothing}]\n`)).not.toContain('Rendered')
})
