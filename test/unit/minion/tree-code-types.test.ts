/** The published types: what docs/guide/custom-modules.md shows compiles against them, and mistakes do not. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const project = join(import.meta.dirname, '../../..')
const guide = readFileSync(join(project, 'docs/guide/custom-modules.md'), 'utf8')
const shown = new Map(
  [...guide.matchAll(/`(_\w+\/\w+\.ts)`:\n\n```ts\n([\s\S]*?)```/g)].map(([, path = '', text = '']) => [
    path,
    text,
  ]),
)
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsalt-types-'))
  const options = /"compilerOptions": (\{[\s\S]*?\n {2}\})/.exec(guide)?.[1] ?? '{}'
  const compilerOptions = {
    ...JSON.parse(options.replaceAll('/path/to/tsalt.d.ts', join(project, 'docs/types/tsalt.d.ts'))),
    typeRoots: [join(project, 'node_modules/@types')],
    types: ['node'],
  }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, include: ['_states', '_modules', '_utils'] }),
  )
  write(
    '_utils/lines.ts',
    'export const lineOf = (word: string): string => `${word}\n`\n'.replace('\n`', '\\n`'),
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}

function compile(files: ReadonlyMap<string, string>): string {
  for (const [path, text] of files) write(path, text)
  const compiler = join(project, 'node_modules/.bin/tsc')
  const { stdout, stderr } = spawnSync(compiler, ['--noEmit', '-p', folder], { encoding: 'utf8' })
  return stdout + stderr
}

test('what the guide shows compiles', () => {
  expect([...shown.keys()]).toEqual(['_states/words.ts', '_modules/racks.ts'])
  expect(compile(shown)).toBe('')
})

test.each([
  ['look.files.info(name)', 'look.files.write(name, new Uint8Array())', /'write' does not exist/],
  ["defaulted(text, 'hello', ", 'defaulted(text, 7, ', /number/],
  ['async check({ name, word }, look)', 'async check({ name, wrod }, look)', /wrod/],
  ['return inSync(`${name} says ${word}`)', "return 'yes'", /not assignable/],
])('%s → %s does not', (from, to, message) => {
  const text = shown.get('_states/words.ts') ?? ''
  expect(text).toContain(from)
  expect(compile(new Map([['_states/words.ts', text.replace(from, to)]]))).toMatch(message)
})
