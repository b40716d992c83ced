import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openDatabase } from '../../../../master/store/sqlite/database.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsalt-database-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const list = (...steps: string[]) => [{ area: 'things', steps }]
const one = 'CREATE TABLE things (name TEXT) STRICT;'
const two = 'ALTER TABLE things ADD COLUMN size INTEGER;'

it('makes the file 0600 in a folder 0700, its companions too', () => {
  const path = join(folder, 'deep', 'er', 'master.db')
  const database = openDatabase(path, list(one))
  for (const file of [path, `${path}-wal`, `${path}-shm`]) expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(statSync(join(folder, 'deep', 'er')).mode & 0o777).toBe(0o700)
  database.close()
})

it('syncs what it commits', () => {
  const database = openDatabase(join(folder, 'master.db'), [])
  expect(database.pragma('synchronous', { simple: true })).toBe(2)
  expect(database.pragma('journal_mode', { simple: true })).toBe('wal')
  database.close()
})

it('applies each step once', () => {
  const path = join(folder, 'master.db')
  openDatabase(path, list(one)).close()
  const database = openDatabase(path, list(one, two))
  database.exec('INSERT INTO things (name, size) VALUES (1, 2)')
  database.close()
  openDatabase(path, list(`  ${one.replaceAll(' ', '\n')}`, two)).close()
})

it('keeps the areas of several stores apart', () => {
  const path = join(folder, 'master.db')
  openDatabase(path, [
    ...list(one),
    { area: 'others', steps: ['CREATE TABLE others (a TEXT) STRICT;'] },
  ]).close()
  openDatabase(path, list(one, two)).close()
})

it.each([
  ['was written by a newer version', list(one), 'store-newer'],
  ['was made with other tables', list(one.replace('name', 'label'), two), 'store-changed-migration'],
])('refuses a database that %s', (_, migrations, code) => {
  const path = join(folder, 'master.db')
  openDatabase(path, list(one, two)).close()
  expect(() => openDatabase(path, migrations)).toThrow(expect.objectContaining({ code }))
})

it('leaves nothing of a migration that fails', () => {
  const path = join(folder, 'master.db')
  expect(() => openDatabase(path, list(one, 'nonsense'))).toThrow(
    expect.objectContaining({ code: 'store-unreadable' }),
  )
  openDatabase(path, list(one)).close()
})

it('refuses what others can read or write, with the command that mends it', () => {
  const path = join(folder, 'master.db')
  openDatabase(path, []).close()
  chmodSync(path, 0o640)
  expect(() => openDatabase(path, [])).toThrow(
    expect.objectContaining({ code: 'store-loose-mode', hint: `Run: chmod 600 ${path}` }),
  )
  chmodSync(path, 0o600)
  chmodSync(folder, 0o770)
  expect(() => openDatabase(path, [])).toThrow(expect.objectContaining({ code: 'store-loose-mode' }))
})

it('refuses what is no database, a link or a folder', () => {
  const path = join(folder, 'master.db')
  writeFileSync(path, 'this is not a database, by no means and at no time', { mode: 0o600 })
  expect(() => openDatabase(path, [])).toThrow(expect.objectContaining({ code: 'store-unreadable' }))
  symlinkSync(path, join(folder, 'link.db'))
  expect(() => openDatabase(join(folder, 'link.db'), [])).toThrow(/not a regular file/)
  mkdirSync(join(folder, 'folder.db'))
  expect(() => openDatabase(join(folder, 'folder.db'), [])).toThrow(/not a regular file/)
})
