/** docs/contributing/add-a-state.md is followed to the letter in a clone: every file that it gives, every command. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const project = join(import.meta.dirname, '../../..')
const page = readFileSync(join(project, 'docs/contributing/add-a-state.md'), 'utf8')

/** Blocks of code, each with the path that the text before it ends with. */
const files = [...page.matchAll(/`([\w./-]+\.(?:ts|yaml))`(?: \([^)]*\))?:\n\n```\w+\n([\s\S]*?)```/g)].map(
  ([, path = '', text = '']) => ({ path, text }),
)
const prose = page.replace(/```[\s\S]*?```/g, '')
const indented = [...prose.matchAll(/(?:^ {4}.*\n|^\n(?= {4}))+/gm)].flatMap(([block]) =>
  block.split('\n').map((line) => line.trim()),
)
const isCommand = (line: string): boolean => /^(?:npm|npx|node|rm) /.test(line)
const commands = indented.filter(isCommand).filter((line) => line !== 'npm ci')
const [imported = '', listed = ''] = indented.filter((line) => line !== '' && !isCommand(line))

const hasClone = existsSync(join(project, '.git'))

describe.skipIf(!hasClone)('the page on adding a state (needs the repository)', () => {
  let clone: string

  beforeAll(() => {
    clone = join(mkdtempSync(join(tmpdir(), 'tsalt-newcomer-')), 'tsalt')
    expect(spawnSync('git', ['clone', '-q', '--no-hardlinks', project, clone]).status).toBe(0)
    // As "npm ci" leaves them.
    symlinkSync(join(project, 'node_modules'), join(clone, 'node_modules'))
  })
  afterAll(() => clone && rmSync(dirname(clone), { recursive: true, force: true }))

  test('gives two files, two lines and the commands', () => {
    expect(files.map(({ path }) => path)).toEqual([
      'minion/states/motd.ts',
      'test/cases/states/motd/said-basics.yaml',
    ])
    expect([imported, listed]).toEqual(["import { motd } from './motd.ts'", 'motd,'])
    expect(commands.length).toBeGreaterThan(6)
  })

  test('leads to a state that works', { timeout: 600_000 }, () => {
    for (const { path, text } of files) {
      mkdirSync(dirname(join(clone, path)), { recursive: true })
      writeFileSync(join(clone, path), text)
    }
    const registry = join(clone, 'minion/states/registry.ts')
    const lines = readFileSync(registry, 'utf8').split('\n')
    const insert = (line: string, indent: string, after: RegExp): void => {
      const at = lines.findIndex((one) => after.test(one))
      expect(at, `a line like ${after}`).toBeGreaterThan(-1)
      lines.splice(at + 1, 0, `${indent}${line}`)
    }
    insert(imported, '', /^import \{ module \}/)
    insert(listed, '  ', /^ {2}module,/)
    writeFileSync(registry, lines.join('\n'))
    let said = ''
    for (const command of commands) {
      const result = spawnSync('sh', ['-c', command], { cwd: clone, encoding: 'utf8' })
      expect(
        `${command}: ${result.status}`,
        `${result.stdout.slice(-2000)}\n${result.stderr.slice(-2000)}`,
      ).toBe(`${command}: 0`)
      said += result.stdout
    }
    expect(said).toMatch(/motd\/said-basics|\d+ passed/)
    expect(said).toContain('/tmp/motd-of-mine would say so')
    expect(said).toContain('/tmp/motd-of-mine says so now')
    expect(readFileSync(join(clone, 'docs/reference/states/motd.md'), 'utf8')).toContain('motd.said')
    expect(readFileSync(join(clone, 'docs/schema/sls.schema.json'), 'utf8')).toContain('"motd.said"')
  })
})
