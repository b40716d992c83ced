/** Whoever reads an answer of `tsalt-call` slowly gets all of it; whoever reads a part of it gets no complaint. */
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'

const program = resolve(import.meta.dirname, '../../../dist/tsalt-call.cjs')
const answer = (reader: string): { stdout: string; stderr: string } => {
  const call = `"${process.execPath}" "${program}" --local --out=txt cmd.run "head -c 300000 /dev/zero | tr '\\0' x" python_shell=true`
  return spawnSync('sh', ['-c', `${call} | ${reader}`], { encoding: 'utf8', maxBuffer: 1 << 24 })
}

test('an answer longer than a pipe holds arrives whole', () => {
  const { stdout, stderr } = answer('(sleep 2; cat)')
  expect(stderr).toBe('')
  expect(stdout.match(/x/g)).toHaveLength(300_000)
})

test('a reader that goes away ends it in peace', () => {
  expect(answer('head -c 10')).toMatchObject({ stdout: 'local: xxx', stderr: '' })
})
