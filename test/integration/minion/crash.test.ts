/** `kill -9` at every disk operation of a minion: no job is lost and none is applied twice. */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const jobs = 3
/** This one of them is several functions. */
const several = 1
const effectsOfSeveral = ['part-0', 'part-1', 'part-2']
const severalCalls = {
  fun: effectsOfSeveral.map(() => 'note.apply').join(','),
  args: effectsOfSeveral.map((name) => [name]),
  kwargs: {},
}
let work = ''
let program = ''

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'tsalt-crash-'))
  program = join(work, 'child.mjs')
  await build({
    entryPoints: [new URL('crash-child.ts', import.meta.url).pathname],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)",
    },
    logLevel: 'error',
  })
})
afterAll(() => rmSync(work, { recursive: true, force: true }))

const jid = (number: number): string => `2026010203040500000${number}`

function prepare(name: string): string {
  const folder = join(work, name)
  mkdirSync(folder)
  const deliveries = Array.from({ length: jobs }, (_, number) => ({
    jid: jid(number),
    ...(number === several
      ? severalCalls
      : { fun: 'note.apply', args: [], kwargs: { name: `effect-${number}` } }),
    notBefore: 0,
    expires: Date.now() + 600_000,
    trees: {},
    operator: 'root',
  }))
  writeFileSync(join(folder, 'deliveries'), JSON.stringify(deliveries))
  return folder
}

/** @returns true where the process came to its end by itself */
function run(folder: string, killAt: number, when: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [program, folder, String(killAt), when],
      { timeout: 20_000 },
      (error, _out, err) => {
        if (error && error.signal !== 'SIGKILL') reject(new Error(`${error.message}\n${err}`))
        else resolve(!error)
      },
    )
  })
}

const lines = (folder: string, file: string): string[] =>
  existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8').split('\n').filter(Boolean) : []

function check(folder: string, wholeRun: boolean): void {
  const effects = lines(folder, 'effects')
  const stored = lines(folder, 'stored').map((line) => line.split(' '))
  for (let number = 0; number < jobs; number++) {
    const outcomes = stored.filter(([id]) => id === jid(number)).map(([, outcome]) => outcome)
    expect(outcomes.length, `job ${number} has a result`).toBeGreaterThan(0)
    expect(new Set(outcomes).size, `job ${number} has one result: ${outcomes}`).toBe(1)
    if (wholeRun) expect(outcomes).toEqual(['done'])
    if (number === several) {
      checkSeveral(effects, stored.find(([id]) => id === jid(number)) ?? [])
      continue
    }
    const times = effects.filter((effect) => effect === `effect-${number}`).length
    if (outcomes[0] === 'done') expect(times, `job ${number} was applied`).toBe(1)
    else {
      expect(outcomes[0]).toBe('interrupted')
      expect(times).toBeLessThanOrEqual(1)
    }
  }
}

/** What is said to be done was done once, what is said not to have run was not. */
function checkSeveral(effects: readonly string[], [, outcome, ...parts]: readonly string[]): void {
  const times = effectsOfSeveral.map((name) => effects.filter((effect) => effect === name).length)
  if (outcome === 'done')
    expect([times, parts]).toEqual([
      [1, 1, 1],
      ['done', 'done', 'done'],
    ])
  else {
    expect(outcome).toBe('interrupted')
    expect(parts.filter((part) => part === 'interrupted')).toHaveLength(1)
    for (const [index, part] of parts.entries()) {
      if (part === 'done') expect(times[index]).toBe(1)
      else if (part === 'not-run') expect(times[index]).toBe(0)
      else expect(times[index]).toBeLessThanOrEqual(1)
    }
  }
}

describe('kill -9', () => {
  test('a run without a crash', async () => {
    const folder = prepare('whole')
    expect(await run(folder, 0, 'before')).toBe(true)
    check(folder, true)
  })

  test.each(['before', 'half', 'after'])('%s each disk operation', async (when) => {
    let crashes = 0
    for (let killAt = 1; ; killAt++) {
      const folder = prepare(`${when}-${killAt}`)
      const whole = await run(folder, killAt, when)
      if (!whole) {
        crashes++
        expect(await run(folder, 0, 'before')).toBe(true)
      }
      check(folder, false)
      if (whole) break
    }
    expect(crashes).toBeGreaterThan(10)
  })

  test('again and again during recovery', async () => {
    const folder = prepare('again')
    for (const killAt of [9, 3, 7, 2, 5, 4, 6, 8, 1]) await run(folder, killAt, 'after')
    expect(await run(folder, 0, 'before')).toBe(true)
    check(folder, false)
  })
})
