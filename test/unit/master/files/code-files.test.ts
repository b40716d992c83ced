/** Code of a tree as the master lists it: only what root alone can write, and nothing that a tree could put there itself. */
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import pino from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openFileService } from '../../../../master/files/tree-file-service.ts'
import { systemClock } from '../../../../shared/clock.ts'
import type { Sha256 } from '../../../../shared/ids.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tsalt-code-files-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

/** What a minion is given to run: path → text. */
async function given(): Promise<Record<string, string>> {
  const service = openFileService({
    roots: { base: [root] },
    clock: systemClock,
    logger: pino({ level: 'silent' }),
  })
  const { body } = await service.delta({ environment: 'base' })
  const code = body.put.filter(([path]) => path.startsWith('.tsalt/'))
  const found: Record<string, string> = {}
  for (const [path, sha256, size] of code) {
    const slices = [{ sha256: sha256 as Sha256, offset: 0, length: size }]
    const { attachment } = await service.blobs({ environment: 'base', slices })
    found[path] = Buffer.from(attachment ?? new Uint8Array()).toString()
  }
  return found
}

describe.skipIf(process.getuid?.() !== 0)('code of a tree (needs root, whose files it has to be)', () => {
  test('is plain JavaScript under its own name; types, tests and notes are none', async () => {
    write('_states/disk.ts', 'export default 1 as number\n')
    write('_states/disk.js', 'export default 2\n')
    write('_modules/deep/er.mts', "import '../x.ts'\n")
    for (const other of [
      '_states/a.d.ts',
      '_states/a.test.ts',
      '_states/readme.md',
      'srv/b.ts',
      '_grains/c.ts',
    ])
      write(other, 'nonsense {{{')
    expect(await given()).toEqual({
      '.tsalt/code/_modules/deep/er.js': "import '../x.js'\n",
      '.tsalt/code/_states/disk.js': 'export default 1          \n',
    })
  })

  test('what a tree puts where only the master may is left out', async () => {
    write('.tsalt/code/_states/evil.js', 'export default 1\n')
    write('.tsalt/anything', 'x')
    expect(await given()).toEqual({})
  })

  test.each([
    [
      'a file of another',
      () => chownSync(join(root, '_states/disk.js'), 1000, 1000),
      /chown root .*disk\.js/,
    ],
    [
      'a file that a group may write',
      () => chmodSync(join(root, '_states/disk.js'), 0o664),
      /chmod go-w .*disk\.js/,
    ],
    ['a folder that others may write', () => chmodSync(join(root, '_states'), 0o777), /chmod go-w .*_states/],
    ['a tree of another', () => chownSync(root, 1000, 1000), /chown root /],
  ])('%s is not run', async (_, spoil, message) => {
    write('_states/disk.js', 'export default 1\n')
    spoil()
    const text = (await given())['.tsalt/code/_states/disk.js'] ?? ''
    expect(text).toMatch(/^throw new SyntaxError\(/)
    expect(text).toMatch(message)
  })

  test('a link is not followed', async () => {
    write('other.js', 'export default 1\n')
    mkdirSync(join(root, '_states'))
    symlinkSync('../other.js', join(root, '_states/disk.js'))
    expect((await given())['.tsalt/code/_states/disk.js']).toContain('is a link')
  })

  test('a mistake is a module that says where it is', async () => {
    write('_states/disk.ts', 'const a = 1\nconst b: = 2\n')
    expect((await given())['.tsalt/code/_states/disk.js']).toContain('_states/disk.ts: line 2, column 9')
  })
})
