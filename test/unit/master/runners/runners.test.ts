import { readdirSync } from 'node:fs'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { JobMetadata } from '../../../../master/api/schemas.ts'
import { trusted } from '../../../../master/auth/actor.ts'
import { runners } from '../../../../master/runners/registry.ts'
import { decodeValue, type Json } from '../../../../shared/data/codec.ts'
import type { Dict } from '../../../../shared/data/value.ts'
import { formatValue } from '../../../../shared/output/format.ts'
import { answer, id, Stage, submission } from '../jobs/stage.ts'
import { callOn } from './runner-stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await new Stage().start()
})
afterEach(() => stage.end())

const call = (fun: string, args: Json[] = [], kwargs: Record<string, Json> = {}) =>
  callOn(stage, fun, args, kwargs)
const ret = async (...words: Parameters<typeof call>) => (await call(...words)).ret
const nested = (value: Json): string =>
  formatValue(decodeValue(value), {
    out: 'nested',
    stateForm: 'short',
    stateVerbose: true,
    color: false,
    unicode: true,
  })

it('has a registry that equals the folder', () => {
  const others = ['call.ts', 'contract.ts', 'registry.ts', 'ask-minions.ts', 'job-text.ts', 'target-words.ts']
  others.push('version-order.ts')
  const files = readdirSync(new URL('../../../../master/runners', import.meta.url)).filter(
    (name) => !others.includes(name),
  )
  expect(files.sort()).toEqual(
    Object.keys(runners)
      .map((name) => `${name}.ts`)
      .sort(),
  )
})

it('describes every function with its arguments and an example of itself', async () => {
  const docs = (await ret('sys.doc')) as Record<string, string>
  expect(Object.keys(docs)).toEqual(await ret('sys.list_functions'))
  for (const [name, text] of Object.entries(docs)) {
    expect(text).toContain(`tsalt-run ${name}`)
    expect(text).not.toMatch(/: (undefined)?$/m)
  }
  expect(await ret('sys.list_functions', ['manage'])).toContain('manage.up')
  expect(await ret('sys.list_functions', ['*.grains'])).toEqual(['cache.grains'])
})

it('knows who is up and who is down', async () => {
  stage.sessions.connect('web2')
  expect(await ret('manage.up')).toEqual(['web2'])
  expect(await ret('manage.down')).toEqual(['web1'])
  expect(await ret('manage.present')).toEqual(['web2'])
  expect(await ret('manage.status')).toEqual({ down: ['web1'], up: ['web2'] })
  stage.accepted = [{ id: id('web2'), generation: 1 }]
  expect(await ret('manage.up')).toEqual([])
})

it('compares versions', async () => {
  const report = { generation: 0, address: '', grains: { os: 'Debian' }, at: 1 }
  await stage.store.minions.connected({ ...report, id: id('web1'), version: '1.0' })
  await stage.store.minions.connected({ ...report, id: id('web2'), version: '0.9' })
  expect(await ret('manage.versions')).toEqual({
    Master: '1.0',
    'Up to date': { web1: '1.0' },
    'Minion requires update': { web2: '0.9' },
  })
  expect(await ret('cache.grains', ['os:Debian'], { tgt_type: 'grain' })).toEqual({
    web1: { os: 'Debian' },
    web2: { os: 'Debian' },
  })
})

it('shows jobs as Salt does', async () => {
  stage.sessions.connect('web1')
  const { jid } = await stage.jobs.submit(
    submission({ fun: 'state.apply', args: ['nginx'], kwargs: { test: true } }),
    trusted('root'),
  )
  await stage.jobs.returned(id('web1'), 0, answer(jid, { fun: 'state.apply', ret: [1], retcode: 2 }))
  expect(nested({ x: await ret('jobs.list_jobs') })).toBe(
    [
      'x:',
      '    ----------',
      '    20261122030000000000:',
      '        ----------',
      '        Arguments:',
      '            - nginx',
      '            |_',
      '              ----------',
      '              __kwarg__:',
      '                  True',
      '              test:',
      '                  True',
      '        Function:',
      '            state.apply',
      '        StartTime:',
      '            2026, Nov 22 03:00:00.000000',
      '        Target:',
      '            *',
      '        Target-type:',
      '            glob',
      '        User:',
      '            root',
      '',
    ].join('\n'),
  )
  // A jid on the command line is a number too large for a double.
  expect(await ret('jobs.lookup_jid', [{ $int: jid }])).toEqual({ web1: [1] })
  expect(await ret('jobs.lookup_jid', [jid], { missing: true })).toEqual({
    web1: [1],
    web2: 'offline, not delivered',
  })
  expect(await ret('jobs.exit_success', [jid])).toEqual({ web1: false, web2: false })
  const whole = await ret('jobs.list_job', [jid])
  expect(whole).toMatchObject({
    Minions: ['web1', 'web2'],
    Result: { web1: { outcome: 'done', retcode: 2, return: [1], success: false } },
    'Without-result': { web2: 'offline, not delivered' },
  })
  const printed = await call('jobs.print_job', [jid])
  expect(decodeValue(printed.ret)).toEqual(new Map([[jid, decodeValue(whole)]]))
  expect(await call('jobs.last_run')).toEqual(printed)
  expect(await call('jobs.last_run', [], { search_function: 'test.*' })).toEqual({ ret: null, retcode: 1 })
})

it('finds jobs as Salt does, and ends them', async () => {
  stage.sessions.connect('web1')
  const submit = async (fun: string): Promise<string> => {
    stage.now += 1_000
    return (await stage.jobs.submit(submission({ fun }), trusted('root'))).jid
  }
  const [ping, version, apply] = [
    await submit('test.ping'),
    await submit('test.version'),
    await submit('state.apply'),
  ]
  const found = async (...words: Parameters<typeof call>) => [
    ...(decodeValue(await ret(...words)) as Dict).keys(),
  ]
  expect(await found('jobs.list_jobs', [], { search_function: 'test.*' })).toEqual([ping, version])
  expect(await found('jobs.list_jobs', [], { search_function: 'state.*,*.ping' })).toEqual([ping, apply])
  expect(await found('jobs.list_jobs', [], { search_target: 'web2' })).toEqual([ping, version, apply])
  expect(await found('jobs.list_jobs', [], { search_target: 'db*' })).toEqual([])
  const time = new Date(stage.now - 1_500).toISOString()
  expect(await found('jobs.list_jobs', [], { start_time: time })).toEqual([version, apply])
  expect(await found('jobs.list_jobs', [], { end_time: time })).toEqual([ping])
  await expect(call('jobs.list_jobs', [], { start_time: 'soon' })).rejects.toMatchObject({
    code: 'runner-argument',
  })
  expect(await found('jobs.list_jobs_filter', [2])).toEqual([version, apply])
  expect(await found('jobs.last_run', [], { function: 'test.*', target: 'web1' })).toEqual([version])
  await stage.settle()
  expect(await ret('jobs.kill', [apply])).toEqual(['web1'])
  expect(stage.sessions.sent.at(-1)).toMatchObject({ kind: 'job.kill', body: { jid: apply, signal: 'TERM' } })
})

it('passes over what Salt has to be told and the master knows', async () => {
  const told = { timeout: 5, gather_job_timeout: 1 }
  expect(await call('manage.up', [], told)).toEqual(await call('manage.up'))
  expect(await call('manage.present', [], told)).toEqual(await call('manage.present'))
  expect(await call('jobs.active', [], { display_progress: true })).toEqual(await call('jobs.active'))
  await expect(call('manage.up', [], { timeuot: 5 })).rejects.toMatchObject({ code: 'runner-argument' })
  await expect(call('jobs.active', [], { ext_source: 'mysql' })).rejects.toMatchObject({
    code: 'runner-argument',
  })
})

it('looks up those alone that have not returned', async () => {
  stage.sessions.connect('web1')
  const { jid } = await stage.jobs.submit(submission(), trusted('root'))
  await stage.jobs.returned(id('web1'), 0, answer(jid, { ret: true }))
  const found = async (kwargs: Record<string, Json>) => [
    ...(decodeValue(await ret('jobs.lookup_jid', [jid], kwargs)) as Dict).keys(),
  ]
  expect(await found({})).toEqual(['web1'])
  expect(await found({ missing: true })).toEqual(['web1', 'web2'])
  expect(await found({ missing: true, returned: false })).toEqual(['web2'])
})

it('finds jobs by what was submitted with them', async () => {
  const submit = async (metadata?: JobMetadata) =>
    (await stage.jobs.submit(submission(metadata === undefined ? {} : { metadata }), trusted('root'))).jid
  const change = await submit({ change: 42, tags: ['a'], api_token: 'tk-secret' })
  const other = await submit({ change: 43 })
  await submit()
  const found = async (search_metadata: Json) => [
    ...(decodeValue(await ret('jobs.list_jobs', [], { search_metadata })) as Dict).keys(),
  ]
  expect(await found({ change: 42 })).toEqual([change])
  expect(await found({ tags: ['a'], change: 42 })).toEqual([change])
  expect(await found({ tags: ['a'], change: 43 })).toEqual([])
  expect(await found({ change: '43' })).toEqual([])
  expect(await found({ constructor: 1 })).toEqual([])
  expect(await found({})).toEqual([change, other, expect.any(String)])
  expect([
    ...(decodeValue(await ret('jobs.last_run', [], { metadata: { change: 42 } })) as Dict).keys(),
  ]).toEqual([change])
  await expect(call('jobs.list_jobs', [], { search_metadata: 'change' })).rejects.toMatchObject({
    code: 'runner-argument',
  })
  const shown = decodeValue(await ret('jobs.list_job', [change])) as Dict
  expect([...(shown.get('Metadata') as Dict)]).toEqual([
    ['change', 42],
    ['tags', ['a']],
    ['api_token', '**********'],
  ])
})

it('shows what is being worked on', async () => {
  stage.sessions.connect('web1')
  const { jid } = await stage.jobs.submit(submission(), trusted('root'))
  const step = { index: 3, total: 9, fun: 'pkg.installed', id: 'nginx', name: 'nginx' }
  stage.jobs.progressed(id('web1'), 0, { jid, phase: 'running', elapsed: 5, step })
  const active = decodeValue(await ret('jobs.active')) as Dict
  expect((active.get(jid) as Dict).get('Running')).toEqual([
    new Map([['web1', 'running state 3 of 9: pkg.installed nginx']]),
  ])
  await stage.jobs.returned(id('web1'), 0, answer(jid))
  expect(await ret('jobs.active')).toEqual({})
})

it('shows a pillar, and its errors', async () => {
  expect(await call('pillar.show_pillar', ['web1'])).toEqual({ ret: { secret: 'of web1' }, retcode: 0 })
  expect(await call('pillar.show_pillar', ['web2'])).toMatchObject({
    ret: { _errors: [expect.stringContaining('jid-invalid')] },
    retcode: 1,
  })
  expect(stage.audit.at(-1)).toMatchObject({ kind: 'runner.call', subject: 'pillar.show_pillar' })
})

it('shows which SLS a pillar is made of, where values came from, and what is wrong with all of them', async () => {
  expect(await ret('pillar.show_top', ['web1'])).toEqual({ base: ['a', 'b'] })
  expect(await ret('pillar.why', ['web1', 'secret'])).toEqual({
    secret: { value: '**********', from: 'unknown' },
  })
  await expect(ret('pillar.why', ['web1', 'nope:x'])).rejects.toMatchObject({ code: 'pillar-key-missing' })
  expect(await call('pillar.lint', ['web2'])).toMatchObject({
    ret: [{ problem: expect.stringContaining('jid-invalid'), minions: ['web2'] }],
    retcode: 1,
  })
})

it('lists files', async () => {
  expect(await ret('fileserver.envs')).toEqual(['base', 'dev'])
  expect(await ret('fileserver.file_list')).toEqual(['a/b/c.txt', 'a/init.sls', 'top.sls'])
  await expect(ret('fileserver.file_list', ['bsae'])).rejects.toMatchObject({ hint: 'Did you mean "base"?' })
})

it.each([
  ['jobs.actve', [], {}, 'runner-unknown', 'Did you mean "jobs.active"?'],
  ['toString.call', [], {}, 'runner-unknown', '"tsalt-run sys.list_functions" lists them.'],
  ['jobs.constructor', [], {}, 'runner-unknown', '"tsalt-run sys.list_functions" lists them.'],
  [
    'jobs.lookup_jid',
    [],
    {},
    'runner-argument',
    'For example: tsalt-run jobs.lookup_jid 20261122031950008068',
  ],
  [
    'jobs.lookup_jid',
    ['x'],
    {},
    'runner-argument',
    'For example: tsalt-run jobs.lookup_jid 20261122031950008068',
  ],
  ['jobs.lookup_jid', [], { jdi: 1 }, 'runner-argument', 'Did you mean "jid"?'],
  ['jobs.lookup_jid', ['20261122031950008068'], { jid: 1 }, 'runner-argument', undefined],
  ['sys.list_functions', ['x', 'y'], {}, 'runner-argument', undefined],
] as [string, Json[], Record<string, Json>, string, string | undefined][])(
  '%s %j %j is refused',
  async (fun, args, kwargs, code, hint) => {
    await expect(call(fun, args, kwargs)).rejects.toMatchObject({ code, hint })
  },
)
