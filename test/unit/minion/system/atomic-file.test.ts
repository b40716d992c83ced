import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  sweepLeftovers,
  writeFileAtomic,
  writeFileAtomicSync,
  writeSecretFile,
} from '../../../../minion/system/atomic-file.ts'
import { isTsaltError } from '../../../../shared/errors/error.ts'
import type { Sha256 } from '../../../../shared/ids.ts'

let directory = ''
beforeEach(() => {
  directory = fs.mkdtempSync(join(tmpdir(), 'tsalt-atomic-'))
})
afterEach(() => fs.rmSync(directory, { recursive: true, force: true }))

const at = (name: string) => join(directory, name)
const mode = (name: string) => (fs.statSync(at(name)).mode & 0o7777).toString(8)
const descriptors = () => fs.readdirSync('/proc/self/fd').length
const isRoot = process.geteuid?.() === 0

function codeOf(action: () => void): string {
  try {
    action()
  } catch (error) {
    return isTsaltError(error) ? error.code : String(error)
  }
  return 'no error'
}

describe('writeFileAtomicSync', () => {
  it('makes and replaces a file with exactly this mode, whatever the umask', () => {
    const before = process.umask(0o077)
    try {
      writeFileAtomicSync(at('f'), 'one', { mode: 0o666 })
    } finally {
      process.umask(before)
    }
    expect(mode('f')).toBe('666')
    writeFileAtomicSync(at('f'), 'two')
    expect(fs.readFileSync(at('f'), 'utf8')).toBe('two')
    expect(mode('f')).toBe('600')
    expect(fs.readdirSync(directory)).toEqual(['f'])
  })

  it('keeps set-user-id bits in spite of a change of owner', () => {
    writeFileAtomicSync(at('f'), '', { mode: 0o4755, ...(isRoot ? { uid: 1234, gid: 1234 } : {}) })
    expect(mode('f')).toBe('4755')
    if (isRoot) expect(fs.statSync(at('f')).uid).toBe(1234)
  })

  it('replaces a link and does not write through it', () => {
    fs.writeFileSync(at('target'), 'untouched')
    fs.symlinkSync(at('target'), at('link'))
    writeFileAtomicSync(at('link'), 'new')
    expect(fs.lstatSync(at('link')).isFile()).toBe(true)
    expect(fs.readFileSync(at('target'), 'utf8')).toBe('untouched')
  })

  it('follows a link of its own in the parents, and refuses that of another user', () => {
    fs.mkdirSync(at('real'))
    fs.symlinkSync('real', at('link'))
    writeFileAtomicSync(at('link/f'), 'x')
    expect(fs.readFileSync(at('real/f'), 'utf8')).toBe('x')
    if (!isRoot) return
    fs.lchownSync(at('link'), 12345, 12345)
    const open = descriptors()
    expect(codeOf(() => writeFileAtomicSync(at('link/f'), 'y'))).toBe('path-unsafe')
    expect(descriptors()).toBe(open)
    expect(fs.readFileSync(at('real/f'), 'utf8')).toBe('x')
  })

  it('ends on links that lead in a circle', () => {
    fs.symlinkSync('b', at('a'))
    fs.symlinkSync('a', at('b'))
    expect(codeOf(() => writeFileAtomicSync(at('a/f'), ''))).toBe('file-unwritable')
  })

  it('leaves nothing behind when it fails', () => {
    fs.mkdirSync(at('taken'))
    const open = descriptors()
    expect(codeOf(() => writeFileAtomicSync(at('taken'), 'x'))).toBe('file-unwritable')
    expect(codeOf(() => writeFileAtomicSync(at('missing/f'), 'x'))).toBe('file-unwritable')
    expect(codeOf(() => writeFileAtomicSync(at('f'), 'x', { sha256: '0'.repeat(64) as Sha256 }))).toBe(
      'content-mismatch',
    )
    expect(fs.readdirSync(directory)).toEqual(['taken'])
    expect(descriptors()).toBe(open)
  })

  it.runIf(isRoot)('leaves the old content on a full disk, and says so', ({ skip }) => {
    fs.mkdirSync(at('small'))
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', at('small')])
    if (mounted.status !== 0) skip('this machine does not let root mount a tmpfs')
    try {
      writeFileAtomicSync(at('small/f'), 'old')
      expect(codeOf(() => writeFileAtomicSync(at('small/f'), 'x'.repeat(200_000)))).toBe('disk-full')
      expect(fs.readFileSync(at('small/f'), 'utf8')).toBe('old')
      expect(fs.readdirSync(at('small'))).toEqual(['f'])
    } finally {
      spawnSync('umount', [at('small')])
    }
  })

  it('takes the longest of names', () => {
    const name = 'ä'.repeat(127)
    writeFileAtomicSync(at(name), 'x')
    expect(fs.readFileSync(at(name), 'utf8')).toBe('x')
  })
})

describe('writeFileAtomic', () => {
  it('shows the check the new content under a path of its own, and is refused by it', async () => {
    fs.writeFileSync(at('f'), 'old')
    const seen: string[] = []
    const check = async (temporary: string) => {
      seen.push(fs.readFileSync(temporary, 'utf8'), fs.readFileSync(at('f'), 'utf8'))
      throw new Error('refused')
    }
    await expect(writeFileAtomic(at('f'), 'new', { check })).rejects.toThrow('refused')
    expect(seen).toEqual(['new', 'old'])
    expect(fs.readdirSync(directory)).toEqual(['f'])
    expect(fs.readFileSync(at('f'), 'utf8')).toBe('old')
  })
})

describe('secrets and leftovers', () => {
  it('writes secrets for the owner only', () => {
    writeSecretFile(at('key'), 'k')
    expect(mode('key')).toBe('600')
  })

  it('sweeps its own pattern and nothing else', () => {
    for (const name of [
      '.f.0123456789abcdef',
      '.g.fedcba9876543210',
      '.f.0123',
      'f.0123456789abcdef',
      '.profile',
    ]) {
      fs.writeFileSync(at(name), '')
    }
    fs.mkdirSync(at('.f.aaaaaaaaaaaaaaaa'))
    expect(sweepLeftovers(directory, 'f')).toEqual([at('.f.0123456789abcdef')])
    expect(sweepLeftovers(directory)).toEqual([at('.g.fedcba9876543210')])
    expect(fs.readdirSync(directory).sort()).toEqual([
      '.f.0123',
      '.f.aaaaaaaaaaaaaaaa',
      '.profile',
      'f.0123456789abcdef',
    ])
    expect(sweepLeftovers(at('missing'))).toEqual([])
  })
})
