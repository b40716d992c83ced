import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { withCopy } from '../../../../minion/system/check-copy.ts'

const folder = mkdtempSync(join(tmpdir(), 'tsalt-copy-'))
afterAll(() => rmSync(folder, { recursive: true }))
const content = Buffer.from('listen 80;')

it('is a private file in that folder, with that ending, as long as the work lasts', async () => {
  const seen = await withCopy(content, { folder, ending: '.conf' }, async (path) => {
    expect(path).toMatch(new RegExp(`^${folder}/[^/]+\\.conf$`))
    expect(statSync(path).mode & 0o777).toBe(0o600)
    return readFileSync(path, 'utf8')
  })
  expect(seen).toBe('listen 80;')
  expect(readdirSync(folder)).toEqual([])
})

it('is gone after work that fails, and is never made where the folder is not there', async () => {
  await expect(withCopy(content, { folder }, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(readdirSync(folder)).toEqual([])
  await expect(withCopy(content, { folder: join(folder, 'none') }, async () => 1)).rejects.toMatchObject({
    code: 'file-unwritable',
  })
})
