/** A tree that somebody else made: what is in it must not keep a check from ending. */
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { LocalTree } from '../../../../master/migrate/local-tree.ts'

let root = ''
beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'tsalt-tree-'))
})
afterEach(() => fs.rmSync(root, { recursive: true, force: true }))

test('folders that link to each other are walked once each for every name, not in every order', () => {
  const names = [...'abcdefghij']
  for (const name of names) {
    fs.mkdirSync(join(root, name))
    fs.writeFileSync(join(root, name, 'init.sls'), '')
    for (const other of names) fs.symlinkSync(`../${other}`, join(root, name, `to_${other}`))
  }
  const from = performance.now()
  expect(() => new LocalTree({ base: [root] })).toThrow(/more than \d+ files/)
  expect(performance.now() - from).toBeLessThan(20_000)
})

test('a link to the whole machine is refused, with the folder', () => {
  fs.symlinkSync('/', join(root, 'all'))
  expect(() => new LocalTree({ base: [root] })).toThrow(`${root}/all leads to the whole machine`)
})

test('links to nothing, devices and pipes are no files; one of another folder is', () => {
  fs.symlinkSync('/dev/zero', join(root, 'zero.sls'))
  fs.symlinkSync('nowhere', join(root, 'nothing.sls'))
  fs.symlinkSync('.', join(root, 'itself'))
  fs.writeFileSync(join(root, 'a.sls'), 'a: 1')
  fs.symlinkSync('a.sls', join(root, 'b.sls'))
  expect(new LocalTree({ base: [root] }).list('base')).toEqual(['a.sls', 'b.sls'])
})

test('a file that no text could be is not read', async () => {
  fs.writeFileSync(join(root, 'a.sls'), '')
  fs.truncateSync(join(root, 'a.sls'), 3 * 1024 * 1024 * 1024)
  fs.symlinkSync('/proc/self/environ', join(root, 'b.sls'))
  const tree = new LocalTree({ base: [root] })
  await expect(tree.read('base', 'a.sls')).rejects.toMatchObject({ code: 'migrate-input-invalid' })
})
