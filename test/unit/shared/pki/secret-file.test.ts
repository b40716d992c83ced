import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { systemClock } from '../../../../shared/clock.ts'
import { describeError } from '../../../../shared/errors/error.ts'
import { ensureSecretFolder, readSecretFile, writeSecretFile } from '../../../../shared/pki/secret-file.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsalt-secret-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const mode = (path: string): number => lstatSync(path).mode & 0o7777
function messageOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    return describeError(error)
  }
  return 'no error'
}

it('writes 0600 under any umask, leaves nothing beside it', () => {
  const before = process.umask(0)
  try {
    writeSecretFile(join(folder, 'key'), 'secret', systemClock)
  } finally {
    process.umask(before)
  }
  expect(mode(join(folder, 'key'))).toBe(0o600)
  expect(readdirSync(folder)).toEqual(['key'])
  expect(readSecretFile(join(folder, 'key'))).toBe('secret')
})

it('replaces only when told to', () => {
  const path = join(folder, 'key')
  writeSecretFile(path, 'one', systemClock)
  expect(messageOf(() => writeSecretFile(path, 'two', systemClock))).toContain('there is one already')
  expect(readSecretFile(path)).toBe('one')
  writeSecretFile(path, 'two', systemClock, { replace: true })
  expect(readSecretFile(path)).toBe('two')
  expect(readdirSync(folder)).toEqual(['key'])
})

it('does not write through a link', () => {
  const target = join(folder, 'target')
  writeFileSync(target, 'mine')
  symlinkSync(target, join(folder, 'key'))
  expect(messageOf(() => writeSecretFile(join(folder, 'key'), 'x', systemClock))).toContain('already')
  expect(messageOf(() => readSecretFile(join(folder, 'key')))).toContain('cannot be read')
})

it('refuses a loose mode and says how to mend it', () => {
  const path = join(folder, 'key')
  writeSecretFile(path, 'one', systemClock)
  chmodSync(path, 0o640)
  expect(messageOf(() => readSecretFile(path))).toContain(`chmod 0600 ${path}`)
  chmodSync(path, 0o400)
  expect(readSecretFile(path)).toBe('one')
  expect(readSecretFile(join(folder, 'absent'))).toBeUndefined()
})

it('makes folders 0700 and refuses loose ones', () => {
  const path = join(folder, 'a/b/pki')
  ensureSecretFolder(path)
  ensureSecretFolder(path)
  expect(mode(path)).toBe(0o700)
  const loose = join(folder, 'loose')
  mkdirSync(loose, { mode: 0o755 })
  expect(messageOf(() => ensureSecretFolder(loose))).toContain(`chmod 0700 ${loose}`)
})

it('a folder of secrets must not be a link', () => {
  mkdirSync(join(folder, 'real'), { mode: 0o700 })
  symlinkSync(join(folder, 'real'), join(folder, 'link'))
  expect(messageOf(() => ensureSecretFolder(join(folder, 'link')))).toContain('not a folder')
})
