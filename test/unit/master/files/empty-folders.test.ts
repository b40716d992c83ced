/** Folders that hold nothing, from the master's listing to what a minion makes of it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import pino from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openFileService } from '../../../../master/files/tree-file-service.ts'
import { beneath, readEmptyFolders } from '../../../../minion/files/empty-folders.ts'
import { FolderFiles } from '../../../../minion/files/folder-files.ts'
import { applyDelta } from '../../../../minion/files/manifest.ts'
import { systemClock } from '../../../../shared/clock.ts'
import type { Sha256 } from '../../../../shared/ids.ts'
import { emptyFoldersPath } from '../../../../shared/tree-code/code-paths.ts'

let base: string
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'tsalt-empty-folders-'))
})
afterEach(() => rmSync(base, { recursive: true, force: true }))

function write(path: string): void {
  mkdirSync(dirname(join(base, path)), { recursive: true })
  writeFileSync(join(base, path), path)
}

const folder = (path: string) => mkdirSync(join(base, path), { recursive: true })
const opened = (...roots: string[]) =>
  openFileService({
    roots: { base: roots.map((root) => join(base, root)) },
    clock: systemClock,
    logger: pino({ level: 'silent' }),
  })

test('those that no root fills are listed, beside the files and under the hash of the manifest', async () => {
  write('one/app/a')
  folder('one/app/logs')
  folder('one/app/cache/tmp')
  folder('one/app/filled')
  folder('one/.tsalt/code')
  folder('one/.git/refs')
  write('two/app/filled/b')
  folder('two/other')
  const service = opened('one', 'two')
  const { body } = await service.delta({ environment: 'base' })
  const { entries } = applyDelta(undefined, body)
  const [, sha256, length] = entries.get(emptyFoldersPath) ?? []
  const slices = [{ sha256: sha256 as Sha256, offset: 0, length: length ?? 0 }]
  const { attachment } = await service.blobs({ environment: 'base', slices })
  const found = readEmptyFolders(Buffer.from(attachment ?? new Uint8Array()).toString())
  expect(found).toEqual(['app/cache/tmp', 'app/logs', 'other'])
  expect(beneath(found, 'app')).toEqual(['cache/tmp', 'logs'])
  expect(beneath(found, 'other')).toEqual([''])
  const local = new FolderFiles({ base: [join(base, 'one'), join(base, 'two')] })
  expect(await local.emptyUnder('base', 'app')).toEqual(['cache/tmp', 'logs'])

  folder('two/new')
  const later = await service.delta({ environment: 'base', have: body.hash })
  expect(later.body.hash).not.toBe(body.hash)
  expect(later.body.put.map(([path]) => path)).toEqual([emptyFoldersPath])
})

test('a tree without any has no list', async () => {
  write('one/app/a')
  const { body } = await opened('one').delta({ environment: 'base' })
  expect(body.put.map(([path]) => path)).toEqual(['app/a'])
})

test.each(['{', '{}', '["../x"]', '["/etc"]', '[1]'])('%s is no list of them', (text) => {
  expect(() => readEmptyFolders(text)).toThrow(expect.objectContaining({ code: 'tree-content-wrong' }))
})
