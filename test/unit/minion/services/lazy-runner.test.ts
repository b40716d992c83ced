/** Options that a run has of its own: `localconfig=`, `saltenv=` with and without `lock_saltenv`. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { ModuleContext, StateRequest } from '../../../../minion/modules/contract.ts'
import { lazyStateRunner } from '../../../../minion/services/lazy-runner.ts'
import { pillarEnvironmentOf } from '../../../../minion/services/run-settings.ts'
import { loadOptions } from '../../../../shared/config/load.ts'
import { type MinionOptions, minionOptions } from '../../../../shared/config/minion-options.ts'
import { TsaltError } from '../../../../shared/errors/error.ts'

const folder = mkdtempSync(join(tmpdir(), 'tsalt-lazy-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs that end when the tree is opened, with what they were given. */
function runner(given: Record<string, unknown>) {
  const options = loadOptions(minionOptions, undefined, given)
  const asked: StateRequest[] = []
  const made: MinionOptions[] = []
  const states = lazyStateRunner(options, (wanted) => {
    made.push(wanted)
    return {
      open: async (request: StateRequest) => {
        asked.push(request)
        throw new TsaltError('pillar-reload', { reason: 'the end of this test' })
      },
    } as never
  })
  const run = (request: StateRequest): Promise<unknown> => states.run(request, {} as ModuleContext)
  return { run, asked, made, options }
}

describe('the environment', () => {
  test('of the minion holds where a run names none', async () => {
    const { run, asked } = runner({ saltenv: 'dev' })
    await run({})
    await run({ environment: 'prod' })
    expect(asked.map(({ environment }) => environment)).toEqual(['dev', 'prod'])
  })

  test('that is locked cannot be left', async () => {
    const { run, asked } = runner({ saltenv: 'dev', lock_saltenv: true })
    await expect(run({ environment: 'prod' })).rejects.toThrow(
      'This minion takes states from environment "dev" alone, not from "prod".',
    )
    await run({ environment: 'dev' })
    expect(asked.map(({ environment }) => environment)).toEqual(['dev'])
  })
})

describe('localconfig', () => {
  test('lays the options of a file over those of the minion, for one run', async () => {
    const file = join(folder, 'options')
    writeFileSync(file, 'test: True\nsaltenv: dev\npillarenv: prod\n')
    const { run, asked, made, options } = runner({ failhard: true })
    await run({ localConfig: file })
    await run({})
    expect(asked.map(({ environment }) => environment)).toEqual(['dev', undefined])
    expect(made.map(({ test, failhard }) => ({ test, failhard }))).toEqual([
      { test: true, failhard: true },
      { test: false, failhard: true },
    ])
    expect(made.map((own) => pillarEnvironmentOf({}, own, options))).toEqual(['prod', undefined])
  })

  test('that is not there, or has a mistake, is refused', async () => {
    const file = join(folder, 'wrong')
    writeFileSync(file, 'tset: True\n')
    const { run } = runner({})
    await expect(run({ localConfig: join(folder, 'none') })).rejects.toThrow('there is no such file')
    await expect(run({ localConfig: file })).rejects.toMatchObject({ hint: 'Did you mean "test"?' })
  })
})
