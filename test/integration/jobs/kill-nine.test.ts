/** kill -9 while returns are being stored: every one that was acknowledged is there, and the database is whole. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openStore } from '../../../master/store/sqlite/store.ts'
import { jidOf } from '../../contracts/store.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsalt-kill-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const writer = new URL('acknowledging-writer.ts', import.meta.url).pathname

/** @returns what the process said before it was killed, after at least `lines` lines */
function writeAndKill(path: string, number: number, lines: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', writer, path, String(number)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    child.stdout.setEncoding('utf8')
    child.stdout.on('data', (text: string) => {
      said += text
      if (said.split('\n').length > lines) child.kill('SIGKILL')
    })
    child.on('error', reject)
    child.on('close', (_code, signal) => {
      if (signal === 'SIGKILL') resolve(said.slice(0, said.lastIndexOf('\n')).split('\n'))
      else reject(new Error('it ended before it was killed'))
    })
  })
}

it.each([1, 200, 1_234])('keeps what it acknowledged, killed after %i lines', async (lines) => {
  const path = join(folder, 'master.db')
  const [job, ...acknowledged] = await writeAndKill(path, lines, lines)
  expect(job).toBe(`job ${lines}`)
  const store = openStore(path)
  try {
    expect(store.database.pragma('integrity_check', { simple: true })).toBe('ok')
    const targets = await store.jobs.targets(jidOf(lines))
    expect(targets).toHaveLength(20_000)
    const returned = new Set(targets.filter(({ state }) => state === 'returned').map(({ id }) => String(id)))
    expect(acknowledged.filter((name) => !returned.has(name))).toEqual([])
    expect((await store.returns.ofJob(jidOf(lines))).size).toBe(returned.size)
  } finally {
    await store.close()
  }
})
