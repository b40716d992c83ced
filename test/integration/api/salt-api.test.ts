/** salt-api's own routes, asked as Salt's clients ask: a real master, real sockets, simulated minions that answer their id. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NetworkMaster, passwords } from './network-master.ts'

let master: NetworkMaster
let token: string
let webmaster: string
const auth = (): Record<string, string> => ({ 'x-auth-token': token })
const low = (body: unknown, headers = auth()) => master.https.post('/', body, headers)
const returned = async (body: unknown): Promise<unknown[]> => {
  const answer = await low(body)
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)])
  return (answer.body as { return: unknown[] }).return
}

beforeAll(async () => {
  master = await NetworkMaster.start({ minions: ['web1', 'web2', 'db1'] })
  token = await master.login('admin', '/login')
  webmaster = await master.login('webmaster', '/login')
})
afterAll(() => master.stop())

describe('/login', () => {
  const credentials = { username: 'admin', password: passwords.admin ?? '', eauth: 'auto' }

  it('answers with a token, a cookie and what may be done', async () => {
    const answer = await master.https.post('/login', credentials)
    expect(answer.body).toEqual({
      return: [
        {
          token: expect.stringMatching(/^[0-9a-f]{64}$/),
          start: expect.any(Number),
          expire: expect.any(Number),
          user: 'admin',
          eauth: 'local',
          perms: expect.anything(),
        },
      ],
    })
    const [one] = (answer.body as { return: { token: string; expire: number }[] }).return
    expect(one?.expire).toBeGreaterThan(Date.now() / 1000)
    expect(answer.headers['x-auth-token']).toBe(one?.token)
    expect(answer.headers['set-cookie']?.[0]).toMatch(
      /^session_id=[0-9a-f]{64}; Path=\/; Secure; HttpOnly; SameSite=Strict; Max-Age=\d+$/,
    )
  })

  it.each([
    ['a form', 'application/x-www-form-urlencoded', new URLSearchParams(credentials).toString()],
    ['YAML', 'application/x-yaml', 'username: admin\npassword: correct horse\neauth: local\n'],
    ['JSON in a list', 'application/json', JSON.stringify([credentials])],
    ['JSON that says it is text', 'text/plain;charset=UTF-8', JSON.stringify(credentials)],
  ])('takes %s', async (_name, type, body) => {
    expect((await master.https.post('/login', body, { 'content-type': type })).status).toBe(200)
  })

  it('refuses a wrong password, and says what is missing', async () => {
    expect((await master.https.post('/login', { ...credentials, password: 'x' })).status).toBe(401)
    const answer = await master.https.post('/login', { username: 'admin' })
    expect([answer.status, answer.statusMessage]).toEqual([400, 'password: it is missing.'])
  })

  it('explains itself', async () => {
    expect((await master.https.get('/login')).body).toEqual({ status: null, return: 'Please log in' })
    expect((await master.https.get('/')).body).toMatchObject({
      return: 'Welcome',
      clients: expect.anything(),
    })
  })

  it('ends with /logout, whose cookie is empty', async () => {
    const short = await master.login('admin', '/login')
    const headers = { 'x-auth-token': short }
    const answer = await master.https.post('/logout', '{}', { ...headers, 'content-type': 'text/plain' })
    expect(answer.body).toEqual({ return: 'Your token has been cleared' })
    expect(answer.headers['set-cookie']?.[0]).toContain('Max-Age=0')
    expect((await low({ client: 'runner', fun: 'manage.up' }, headers)).status).toBe(401)
  })
})

describe('commands', () => {
  it.each([
    ['local', { client: 'local', tgt: '*', fun: 'test.ping' }, [{ db1: 'db1', web1: 'web1', web2: 'web2' }]],
    ['a list', { client: 'local', tgt: ['web1', 'db1'], fun: 'test.ping' }, [{ web1: 'web1', db1: 'db1' }]],
    [
      'a list in words',
      { client: 'local', tgt: 'web1,db1', tgt_type: 'list', fun: 'test.ping' },
      [{ web1: 'web1', db1: 'db1' }],
    ],
    [
      'the older name',
      { client: 'local', tgt: 'web1 or db1', expr_form: 'compound', fun: 'test.ping' },
      [{ web1: 'web1', db1: 'db1' }],
    ],
    ['nobody', { client: 'local', tgt: 'mail*', fun: 'test.ping' }, [{}]],
    [
      'batches',
      { client: 'local_batch', tgt: 'web*', fun: 'test.ping', batch: '50%' },
      [{ web1: 'web1' }, { web2: 'web2' }],
    ],
    [
      'two',
      [
        { client: 'local', tgt: 'web1', fun: 'test.ping' },
        { client: 'runner', fun: 'manage.up' },
      ],
      [{ web1: 'web1' }, ['db1', 'web1', 'web2']],
    ],
    ['a runner by name', { client: 'runner', fun: 'cache.grains', tgt: 'web1' }, [{ web1: { id: 'web1' } }]],
    [
      'a runner by words',
      { client: 'runner', fun: 'cache.grains', arg: ['tgt=web1'] },
      [{ web1: { id: 'web1' } }],
    ],
    [
      'a runner by kwarg',
      { client: 'runner', fun: 'cache.grains', kwarg: { tgt: 'web1' } },
      [{ web1: { id: 'web1' } }],
    ],
  ])('%s', async (_name, chunk, expected) => {
    expect(await returned(chunk)).toEqual(expected)
  })

  it('tell all of a return where that is asked for', async () => {
    const [found] = await returned({ client: 'local', tgt: 'web1', fun: 'test.ping', full_return: true })
    expect(found).toEqual({
      web1: { ret: 'web1', retcode: 0, jid: expect.stringMatching(/^\d{20}$/), out: 'nested', success: true },
    })
  })

  it.each([
    ['a list', { fun: ['cmd.run', 'test.ping'], arg: [['uptime', 'runas=www'], []] }],
    ['commas', { fun: 'cmd.run,test.ping', arg: [['uptime', { __kwarg__: true, runas: 'www' }], []] }],
    ['kwarg', { fun: ['cmd.run', 'test.ping'], arg: [['uptime'], []], kwarg: [{ runas: 'www' }, {}] }],
  ])('are several functions in one job: %s', async (_name, call) => {
    const [plain] = await returned({ client: 'local', tgt: 'web1', ...call })
    expect(plain).toEqual({ web1: { 'cmd.run': 'web1', 'test.ping': 'web1' } })
    const web1 = master.minions.find(({ id }) => id === 'web1')
    expect(web1?.last).toMatchObject({
      fun: 'cmd.run,test.ping',
      args: [['uptime', { __kwarg__: true, runas: 'www' }], []],
      kwargs: {},
    })
    const [whole] = await returned({ client: 'local', tgt: 'web1', full_return: true, ...call })
    expect(whole).toMatchObject({
      web1: {
        ret: { 'cmd.run': 'web1', 'test.ping': 'web1' },
        retcode: { 'cmd.run': 0, 'test.ping': 0 },
        success: { 'cmd.run': true, 'test.ping': true },
      },
    })
    const jid = web1?.last?.jid
    const [job] = await returned({ client: 'runner', fun: 'jobs.list_job', jid })
    expect(job).toMatchObject({
      Function: ['cmd.run', 'test.ping'],
      Arguments: [['uptime', { __kwarg__: true, runas: 'www' }], []],
      Result: { web1: { return: { 'cmd.run': 'web1' }, retcode: { 'test.ping': 0 } } },
    })
  })

  it('of several functions without arguments need no lists, and one in a list is one', async () => {
    expect(await returned({ client: 'local', tgt: 'web1', fun: ['test.ping', 'test.version'] })).toEqual([
      { web1: { 'test.ping': 'web1', 'test.version': 'web1' } },
    ])
    expect(await returned({ client: 'local', tgt: 'web1', fun: ['cmd.run'], arg: [['id']] })).toEqual([
      { web1: 'web1' },
    ])
  })

  it.each([
    [{ fun: ['cmd.run', 'test.ping'], arg: ['uptime'] }, /2 functions want a list of 2/],
    [{ fun: 'cmd.run,test.ping', arg: ['uptime', 'x'] }, /of cmd.run: a list of its arguments/],
    [
      { fun: ['cmd.run', 'test.ping'], arg: [['id'], []], kwarg: { runas: 'www' } },
      /2 functions want a list/,
    ],
    [{ fun: ['cmd.run', 'testping'] }, /"testping" is no function/],
    [{ fun: ['cmd.run', 3] }, /"3" is no function/],
  ])('of several functions that cannot be told apart are refused: %j', async (call, message) => {
    const answer = await low({ client: 'local', tgt: 'web1', ...call })
    expect([answer.status, answer.text + answer.statusMessage]).toEqual([400, expect.stringMatching(message)])
  })

  it('are not waited for by local_async, and looked up by a runner', async () => {
    const [job] = (await returned({ client: 'local_async', tgt: 'web*', fun: 'test.ping' })) as [
      { jid: string },
    ]
    expect(job).toEqual({ jid: expect.stringMatching(/^\d{20}$/), minions: ['web1', 'web2'] })
    await returned({ client: 'local', tgt: 'web*', fun: 'test.ping' })
    expect(await returned({ client: 'runner', fun: 'jobs.lookup_jid', jid: job.jid })).toEqual([
      { web1: 'web1', web2: 'web2' },
    ])
  })

  it('carry metadata, by which a runner finds them', async () => {
    const [job] = (await returned({
      client: 'local_async',
      tgt: 'web1',
      fun: 'test.ping',
      metadata: { change: 4711 },
    })) as [{ jid: string }]
    const search = { client: 'runner', fun: 'jobs.list_jobs', search_metadata: { change: 4711 } }
    expect(await returned(search)).toEqual([
      { [job.jid]: expect.objectContaining({ Metadata: { change: 4711 } }) },
    ])
  })

  it('with batch are a rollout for every client', async () => {
    const chunk = { tgt: 'web*', fun: 'test.ping', batch: 1 }
    const rollouts = async () =>
      (await master.client.get<{ jid: string; total: number }[]>('/rollouts')).map(({ jid }) => jid)
    const before = (await rollouts()).length
    expect(await returned({ client: 'local', ...chunk })).toEqual([{ web1: 'web1', web2: 'web2' }])
    expect((await rollouts()).length).toBe(before + 1)
    const [job] = (await returned({ client: 'local_async', ...chunk, batch: '50%' })) as [{ jid: string }]
    expect(job).toEqual({ jid: expect.any(String), minions: ['web1', 'web2'] })
    expect(await rollouts()).toContain(job.jid)
  })

  it('of a batch with failhard end at the first failure', async () => {
    const web1 = master.minions.find(({ id }) => id === 'web1')
    if (web1 === undefined) throw new Error('no web1')
    web1.retcode = 1
    const chunk = { client: 'local_batch', tgt: 'web*', fun: 'test.ping', batch: 1 }
    try {
      expect(await returned({ ...chunk, failhard: true })).toEqual([{ web1: 'web1' }, { web2: false }])
      expect(await returned({ ...chunk, failhard: false })).toEqual([{ web1: 'web1' }, { web2: 'web2' }])
    } finally {
      web1.retcode = 0
    }
  })

  it.each([
    [{ client: 'local', subset: 1 }, 'local_subset takes it.'],
    [{ client: 'local_async', sub: 1 }, 'local_subset takes it.'],
    [{ client: 'local', batch_wait: 1 }, 'It stands beside "batch".'],
    [{ client: 'local', batch: 'many' }, undefined],
  ])('are refused where they would reach more than was meant: %j', async (more, hint) => {
    const answer = await low({ tgt: 'web*', fun: 'test.ping', ...more })
    expect([answer.status, (answer.body as { hint?: string }).hint]).toEqual([400, hint])
  })

  it('tell a function that returns nothing from a minion that is away', async () => {
    const web1 = master.minions.find(({ id }) => id === 'web1')
    if (web1 === undefined) throw new Error('no web1')
    web1.answer = null
    try {
      const chunk = { client: 'local', tgt: 'web1', fun: 'mine.valid' }
      expect(await returned(chunk)).toEqual([{ web1: null }])
      expect(await returned({ ...chunk, client: 'local_batch' })).toEqual([{ web1: null }])
    } finally {
      web1.answer = 'web1'
    }
  })

  it('give False for minions that are away', async () => {
    const away = master.minions.find(({ id }) => id === 'db1')
    await away?.stop()
    expect(await returned({ client: 'local', tgt: '*', fun: 'test.ping', timeout: 1 })).toEqual([
      { db1: false, web1: 'web1', web2: 'web2' },
    ])
    await master.addMinion('db2')
  })

  it('of the wheel come as Salt tells them', async () => {
    const [told] = await returned({ client: 'wheel', fun: 'key.list_all' })
    expect(told).toEqual({
      tag: expect.stringMatching(/^salt\/wheel\/\d{20}$/),
      data: {
        jid: expect.any(String),
        return: expect.objectContaining({ minions: ['db1', 'db2', 'web1', 'web2'], minions_pre: [] }),
        success: true,
        user: 'admin',
        fun: 'wheel.key.list_all',
        fun_args: [],
        tag: expect.any(String),
        _stamp: expect.any(String),
      },
    })
  })

  it('show no secret of the configuration', async () => {
    const answer = await low({ client: 'wheel', fun: 'config.values' })
    expect(answer.text).toContain('default_target')
    expect(answer.text).not.toMatch(/api\.key|pki|external_auth|\bstore\b/)
  })

  it('run in the background are told as events', async () => {
    const [begun] = (await returned({ client: 'runner_async', fun: 'manage.up' })) as [
      { tag: string; jid: string },
    ]
    expect(begun.tag).toBe(`salt/run/${begun.jid}`)
    await expect
      .poll(async () => (await master.https.get('/api/v1/events', auth())).text)
      .toContain(`"tag":"${begun.tag}/ret"`)
  })

  it('may be asked for with their own credentials at /run', async () => {
    const chunk = { client: 'local', tgt: 'web1', fun: 'test.ping' }
    const shown = { username: 'webmaster', password: passwords.webmaster, eauth: 'local' }
    const run = (more: object) => master.https.post('/run', [{ ...chunk, ...more }])
    expect((await run(shown)).body).toEqual({ return: [{ web1: 'web1' }] })
    expect((await run({ token: webmaster })).body).toEqual({ return: [{ web1: 'web1' }] })
    expect((await run({})).status).toBe(401)
    expect((await run({ ...shown, password: 'wrong' })).status).toBe(401)
    expect((await run({ ...shown, tgt: '*' })).status).toBe(403)
  })
})

describe('rights', () => {
  it.each([
    [{ client: 'local', tgt: '*', fun: 'test.ping' }],
    [{ client: 'local', tgt: 'web1', fun: 'cmd.run', arg: ['id'] }],
    [{ client: 'local_async', tgt: 'db*', fun: 'state.highstate' }],
    [{ client: 'local_batch', tgt: '*', fun: 'test.ping', batch: '1' }],
    [{ client: 'local_subset', tgt: '*', fun: 'test.ping', subset: 3 }],
    [{ client: 'runner', fun: 'manage.up' }],
    [{ client: 'runner_async', fun: 'manage.up' }],
    [{ client: 'wheel', fun: 'key.accept', match: '*' }],
    [{ client: 'wheel_async', fun: 'key.accept', match: '*' }],
    [{ client: 'wheel', fun: 'config.values' }],
    [{ client: 'wheel', fun: 'minions.connected' }],
  ])('%j is not for whom no rule covers it', async (chunk) => {
    const answer = await low(chunk, { 'x-auth-token': webmaster })
    expect(answer.status).toBe(403)
    // The one line that pepper shows.
    expect(answer.statusMessage).toMatch(/^webmaster may not /)
  })

  it('are asked for before anything is told of what was to run in the background', async () => {
    const told = async (): Promise<number> => {
      const { text } = await master.https.get('/api/v1/events', auth())
      return [...text.matchAll(/"tag":"salt\/(?:run|wheel)\//g)].length
    }
    const before = await told()
    const headers = { 'x-auth-token': webmaster }
    expect((await low({ client: 'runner_async', fun: 'manage.up' }, headers)).status).toBe(403)
    expect((await low({ client: 'wheel_async', fun: 'key.list_all' }, headers)).status).toBe(403)
    expect((await low({ client: 'runner_async', fun: 'manage.upp' })).status).toBe(404)
    expect(await told()).toBe(before)
  })
})

describe('mistakes', () => {
  it.each([
    ['not JSON', '{"a":', 'The request is malformed'],
    ['no commands', '7', 'the body: a list of commands'],
    ['no mapping', [7], '[0]: a mapping is wanted.'],
    ['no client', [{ fun: 'test.ping', tgt: '*' }], '[0].client: it is missing.'],
    ['an unknown client', [{ client: 'locl' }], '[0].client: there is no client "locl".'],
    ['no target', { client: 'local', fun: 'test.ping' }, 'the request.tgt: it is missing'],
    ['no function', [{ client: 'local', tgt: '*' }], '[0].fun: it is missing.'],
    [
      'no name of a function',
      [{ client: 'local', tgt: '*', fun: 'rm -rf' }],
      '[0].fun: "rm -rf" is no function.',
    ],
    [
      'an argument beside the call',
      [{ client: 'local', tgt: '*', fun: 'state.apply', test: true }],
      '[0].test: it has no meaning here',
    ],
    [
      'another way to target',
      [{ client: 'local', tgt: '*', tgt_type: 'glub', fun: 'test.ping' }],
      '[0].tgt_type: there is no way',
    ],
    ['a broken target', [{ client: 'local', tgt: 'a and (', tgt_type: 'compound', fun: 'test.ping' }], ''],
    [
      'the second of two',
      [{ client: 'local', tgt: 'web1', fun: 'test.ping' }, { client: 'runner' }],
      '[1].fun: it is missing.',
    ],
    ['an unknown wheel', [{ client: 'wheel', fun: 'key.acept', match: 'x' }], ''],
    ['an unknown runner', [{ client: 'runner', fun: 'jobs.nonsense' }], ''],
    [
      'keys made by the master',
      [{ client: 'wheel', fun: 'key.gen_accept', id_: 'x' }],
      '[0].fun: key.gen_accept is not to be had',
    ],
    [
      'a batch that is none',
      [{ client: 'local_batch', tgt: '*', fun: 'test.ping', batch: 'all' }],
      '[0].batch: a number',
    ],
  ])('%s', async (_name, body, said) => {
    const answer = await low(
      body,
      typeof body === 'string' ? { ...auth(), 'content-type': 'application/json' } : auth(),
    )
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.status).toBeLessThan(500)
    expect((answer.body as { return: string }).return).toContain(said)
  })

  it('in the second command keep the first from being run', async () => {
    const before = master.minions[0]?.delivered
    await low([{ client: 'local', tgt: 'web1', fun: 'test.ping' }, { client: 'locl' }])
    expect(master.minions[0]?.delivered).toBe(before)
  })
})

describe('forms of answers', () => {
  it.each([
    ['application/x-yaml', 'application/x-yaml', 'return:\n- web1: web1\n'],
    ['text/yaml;q=0.5, application/json;q=0.1', 'application/x-yaml', 'return:\n- web1: web1\n'],
    ['application/json', 'application/json', '{"return": [{"web1": "web1"}]}'],
    ['*/*', 'application/json', '{"return": [{"web1": "web1"}]}'],
  ])('%s', async (accept, type, text) => {
    const answer = await low({ client: 'local', tgt: 'web1', fun: 'test.ping' }, { ...auth(), accept })
    expect(answer.headers['content-type']).toBe(type)
    expect(answer.text).toBe(text)
  })

  it('are refused where there is no such one', async () => {
    expect(
      (await low({ client: 'runner', fun: 'manage.up' }, { ...auth(), accept: 'image/png' })).status,
    ).toBe(406)
  })

  it('of forms are one command, whose words are typed', async () => {
    const body = 'client=local&tgt=web*&fun=test.arg&arg=1&arg=a%3D2'
    const headers = { ...auth(), 'content-type': 'application/x-www-form-urlencoded' }
    const [found] = ((await master.https.post('/', body, headers)).body as { return: object[] }).return
    expect(found).toEqual({ web1: 'web1', web2: 'web2' })
    const [job] = await master.client.jobs(1)
    expect(job).toMatchObject({ args: [1], kwargs: { a: 2 } })
  })
})

describe('routes for looking', () => {
  it('/minions starts jobs, and tells grains', async () => {
    const started = await master.https.post('/minions', { tgt: 'web*', fun: 'test.ping' }, auth())
    expect(started.status).toBe(202)
    const { return: jobs, _links } = started.body as { return: [{ jid: string }]; _links: unknown }
    expect(_links).toEqual({ jobs: [{ href: `/jobs/${jobs[0].jid}` }] })
    expect((await master.https.get('/minions/web1', auth())).body).toEqual({ return: [{ web1: 'web1' }] })
  })

  it('/jobs lists and shows', async () => {
    const [{ jid }] = (await returned({ client: 'local_async', tgt: 'web1', fun: 'test.ping' })) as [
      { jid: string },
    ]
    await returned({ client: 'local', tgt: 'web1', fun: 'test.ping' })
    const list = (await master.https.get('/jobs', auth())).body as { return: [Record<string, object>] }
    expect(list.return[0][jid]).toMatchObject({ Function: 'test.ping', Target: 'web1', User: 'admin' })
    const one = await master.https.get(`/jobs/${jid}`, auth())
    expect(one.body).toMatchObject({ info: [{ jid }], return: [{ web1: 'web1' }] })
    expect((await master.https.get('/jobs/20200101000000000000', auth())).status).toBe(404)
  })

  it('/keys lists and shows', async () => {
    expect((await master.https.get('/keys', auth())).body).toMatchObject({
      return: { minions: expect.arrayContaining(['web1']), minions_pre: [] },
    })
    expect((await master.https.get('/keys/web1', auth())).body).toEqual({
      return: { minions: { web1: expect.stringMatching(/^[0-9a-f:]+$/) } },
    })
    expect((await master.https.post('/keys', { mid: 'x' }, auth())).status).toBe(400)
  })

  it('/stats counts', async () => {
    const { body } = await master.https.get('/stats', auth())
    const { 'CherryPy Applications': counts } = body as Record<string, Record<string, number>>
    expect(counts?.['Total Requests']).toBeGreaterThan(10)
    expect((await master.https.get('/stats')).status).toBe(401)
  })
})

describe('events', () => {
  it('come as Salt frames them, with the cookie that a browser has', async () => {
    const stream = await master.https.open('/events', { headers: { cookie: `session_id=${token}` } })
    expect(stream.headers['content-type']).toContain('text/event-stream')
    let text = ''
    const seen = new Promise<void>((done) => {
      stream.on('data', (chunk) => {
        text += String(chunk)
        if (text.includes('/ret/web1')) done()
      })
    })
    await returned({ client: 'local', tgt: 'web1', fun: 'test.ping' })
    await seen
    stream.destroy()
    expect(text.startsWith('retry: 400\n')).toBe(true)
    const [, data = ''] = /tag: salt\/job\/\d{20}\/ret\/web1\ndata: (.*)\nid: \d+\n\n/.exec(text) ?? []
    expect(JSON.parse(data)).toMatchObject({
      tag: expect.stringContaining('/ret/web1'),
      data: { id: 'web1', fun: 'test.ping', return: 'web1', success: true, _stamp: expect.any(String) },
    })
  })

  it('are put on the bus by hooks, without the secrets of the request', async () => {
    const hook = '/hook/company/build/done'
    expect((await master.https.post(hook, { result: true })).status).toBe(401)
    expect((await master.https.post(hook, {}, { 'x-auth-token': webmaster })).status).toBe(403)
    const answer = await master.https.post(hook, { result: true }, { ...auth(), 'x-my-key': 'k' })
    expect(answer.body).toEqual({ success: true })
    const events = await master.https.get('/api/v1/events?tag=salt/netapi/*', auth())
    expect(events.text).toContain('"tag":"salt/netapi/hook/company/build/done"')
    expect(events.text).toContain('"X-My-Key":"k"')
    expect(events.text).not.toContain(token)
    expect((await master.https.post('/hook/../../salt/job', {}, auth())).status).toBeGreaterThanOrEqual(400)
    expect((await master.https.post('/hook/a%2f..%2fb', {}, auth())).status).toBe(400)
  })
})
