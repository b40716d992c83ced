import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { encodeValue } from '../../../../shared/data/codec.ts'
import { type Plain, toValue } from '../../../../shared/data/value.ts'
import { type Ran, ran } from './recorded-console.ts'
import { type ScriptedMaster, scriptedMaster } from './scripted-master.ts'

let master: ScriptedMaster | undefined
afterEach(async () => {
  await master?.close()
  master = undefined
})

async function run(ret: Plain, words: string[], retcode = 0): Promise<Ran> {
  master = await scriptedMaster(({ path }) => ({
    body: path === '/runners' ? { ret: encodeValue(toValue(ret)), retcode } : {},
  }))
  return ran(master.socket, ['tsalt-run', ...words])
}

describe('tsalt-run', () => {
  it('prints what Salt prints', async () => {
    const status = readFileSync(
      new URL('../../../cases/output/salt/manage_status.txt', import.meta.url),
      'utf8',
    )
    const result = await run({ up: ['m1'], down: [] }, ['manage.status'])
    expect(`$ salt-run manage.status\n${result.out}[exit ${result.code}]\n`).toBe(status)
    await master?.close()
    expect(await run(['m1'], ['manage.up'])).toEqual({ code: 0, out: '- m1\n', err: '' })
    await master?.close()
    expect(await run({}, ['jobs.active'])).toEqual({ code: 0, out: '', err: '' })
    await master?.close()
    expect((await run({}, ['jobs.active', '--out', 'json'])).out).toBe('{}\n')
    await master?.close()
    expect((await run({ m1: true }, ['jobs.lookup_jid', '20261122031950008068'])).out).toBe('m1:\n    True\n')
  })

  it('types its arguments', async () => {
    await run(null, ['jobs.lookup_jid', '20261122031950008068', 'missing=True'])
    expect(master?.asked.find(({ path }) => path === '/runners')?.body).toEqual({
      fun: 'jobs.lookup_jid',
      args: ['20261122031950008068'],
      kwargs: { missing: true },
    })
  })

  it('shows state results as states', async () => {
    const ret = {
      m1: {
        'test_|-a_|-a_|-nop': {
          result: false,
          comment: 'no',
          changes: {},
          name: 'a',
          __id__: 'a',
          __run_num__: 0,
        },
      },
    }
    const result = await run(ret, ['jobs.lookup_jid', '20261122031950008068'], 1)
    expect(result.out).toContain('✗ test.nop a  no')
    expect(result.code).toBe(1)
  })

  it('refuses what is no function', async () => {
    expect(await run(null, ['nosuch'])).toMatchObject({ code: 64 })
    await master?.close()
    expect(await run(null, [])).toMatchObject({ code: 64 })
  })

  it('is also called "tsalt run"', async () => {
    master = await scriptedMaster(() => ({ body: { ret: ['m1'], retcode: 0 } }))
    expect((await ran(master.socket, ['tsalt', 'run', 'manage.up'])).out).toBe('- m1\n')
  })
})
