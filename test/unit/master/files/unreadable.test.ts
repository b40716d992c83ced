/** What the master may not read has a name and no content: read, it is an error, and never simply not there. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { makeManifest } from '../../../../master/files/manifest.ts'
import { manifestHash, unreadableContent } from '../../../../shared/protocol/manifest-hash.ts'
import type { ManifestEntry } from '../../../../shared/protocol/messages/manifest-request.ts'

const folder = mkdtempSync(join(tmpdir(), 'tsalt-unreadable-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('a manifest names it, and has no source for its content', () => {
  const entry: ManifestEntry = ['locked.txt', unreadableContent, 5, 0o600]
  const file = { path: 'locked.txt', root: folder, stamp: 'x', size: 5, mode: 0o600 }
  const manifest = makeManifest([{ entry, file }])
  expect(manifest.entries).toEqual([entry])
  expect(manifest.sources.size).toBe(0)
  expect(manifest.hash).toBe(manifestHash([entry]))
})
