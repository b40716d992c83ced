/** The operator API on a real socket, asked by the command line's own client. */

import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Api, makeApi } from '../../../master/api/make-api.ts'
import type { JobEvent } from '../../../master/api/schemas.ts'
import { closedAccess } from '../../../master/auth/access.ts'
import type { OperatorDesk } from '../../../master/auth/operator-desk.ts'
import { connectMaster, type MasterClient } from '../../../master/cli/master-client.ts'
import type { KeyService } from '../../../master/pki/key-service.ts'
import { makeCallRunner } from '../../../master/runners/call.ts'
import { makeResolveTarget } from '../../../master/targeting/resolve.ts'
import { loadOptions } from '../../../shared/config/load.ts'
import { masterOptions } from '../../../shared/config/master-options.ts'
import type { Dict } from '../../../shared/data/value.ts'
import { type Fingerprint, parseFingerprint } from '../../../shared/ids.ts'
import { answer, id, Stage, submission } from '../../unit/master/jobs/stage.ts'
import { quietServices } from '../../unit/master/runners/runner-stage.ts'

/** No route that is asked here has to do with them. */
const noOperators = undefined as unknown as OperatorDesk

let stage: Stage
let api: Api
let client: MasterClient
let folder: string
let socket: string
const acts: unknown[] = []
const fingerprint: Fingerprint = parseFingerprint('ab'.repeat(32))
const keys: KeyService = {
  list: () => [{ id: id('web1'), state: 'accepted', fingerprint, generation: 0, since: 1 }],
  publicKeys: () => [],
  masterFingerprint: () => fingerprint,
  preview: () => [],
  act(action, operator) {
    acts.push({ action, operator })
    return []
  },
  makeToken: (options) => ({ token: `tsalt1:${options.idGlob}`, expires: options.seconds }),
}

function openApi(): Api {
  const accepted = () => stage.accepted
  const resolveTarget = makeResolveTarget({
    accepted,
    minions: stage.store.minions,
    pillarOf: async () => new Map(),
    nodegroups: undefined,
  })
  const services = {
    jobs: stage.jobs,
    sessions: stage.sessions,
    minions: stage.store.minions,
    accepted,
    resolveTarget,
    access: closedAccess,
    version: '0.1.0',
  }
  const pillars = {
    show: async () => ({
      pillar: new Map([['a', 1]]) as Dict,
      errors: [],
      warnings: [],
      top: new Map(),
      secrets: [],
    }),
  }
  const quiet = quietServices(stage)
  const { files, callWheel } = quiet
  return makeApi({
    ...services,
    keys,
    pillars,
    files,
    callWheel,
    operators: noOperators,
    events: stage.events,
    rollouts: stage.rollouts,
    options: loadOptions(masterOptions, undefined, { default_target: 'web*' }),
    clock: stage.clock,
    log: pino({ level: 'silent' }),
    callRunner: makeCallRunner(
      {
        ...services,
        ...quiet,
        pillars,
      },
      (entry) => stage.audit.push(entry),
    ),
  })
}

beforeEach(async () => {
  stage = await new Stage().start()
  folder = mkdtempSync(join(tmpdir(), 'tsalt-api-'))
  socket = join(folder, 'run', 'master.sock')
  api = openApi()
  await api.listen(socket)
  client = connectMaster(socket)
})
afterEach(async () => {
  await api.close()
  await stage.end()
  rmSync(folder, { recursive: true })
})

describe('the socket', () => {
  it('is for its owner and group', () => {
    expect(statSync(socket).mode & 0o777).toBe(0o660)
  })

  it('is not taken from a master that answers, and is taken over from one that was killed', async () => {
    const second = openApi()
    await expect(second.listen(socket)).rejects.toMatchObject({ code: 'socket-in-use' })
    await second.close()
    const dead = join(folder, 'dead.sock')
    // A socket file without a listener, as kill -9 leaves it.
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(join(folder, 'alive.sock'), resolve))
    const { linkSync } = await import('node:fs')
    linkSync(join(folder, 'alive.sock'), dead)
    await new Promise((resolve) => server.close(resolve))
    const third = openApi()
    await third.listen(dead)
    expect(await connectMaster(dead).status()).toMatchObject({ version: '0.1.0' })
    await third.close()
  })

  it('does not overwrite anything else', async () => {
    const path = join(folder, 'precious')
    writeFileSync(path, 'data')
    const other = openApi()
    await expect(other.listen(path)).rejects.toMatchObject({ code: 'socket-unusable' })
    await expect(other.listen(join(folder, 'x.sock'), 'no-such-group')).rejects.toMatchObject({
      code: 'socket-unusable',
      hint: expect.stringContaining('groupadd'),
    })
    await other.close()
  })

  it('names the operator as far as its mode proves it', async () => {
    const { jid } = await client.submit(submission())
    const expected = process.getuid?.() === 0 && process.getgid?.() === 0 ? 'root' : 'local'
    expect((await client.job(jid)).operator).toBe(expected)
    chmodSync(socket, 0o666)
    const { operatorOf } = await import('../../../master/api/operator.ts')
    expect(operatorOf(socket)).toBe('local')
  })
})

describe('jobs', () => {
  it('are submitted, followed, listed, shown', async () => {
    stage.sessions.connect('web1')
    stage.sessions.connect('web2')
    const { jid, targets, defaulted } = await client.submit(
      submission({ args: [{ $int: '99999999999999999999' }] }),
    )
    expect([targets, defaulted]).toEqual([['web1', 'web2'], false])
    const events: JobEvent[] = []
    const following = (async () => {
      for await (const event of client.follow(jid, new AbortController().signal)) events.push(event)
    })()
    await stage.jobs.returned(id('web1'), 0, answer(jid))
    await stage.jobs.returned(id('web2'), 0, answer(jid, { ret: { a: [null] } }))
    await following
    expect(events[0]?.type).toBe('job')
    expect(events.at(-1)?.type).toBe('end')
    const account = await client.job(jid)
    expect(account.targets.map(({ return: ret }) => ret?.ret)).toEqual([true, { a: [null] }])
    expect(account.args).toEqual([{ $int: '99999999999999999999' }])
    const [listed] = await client.jobs(1)
    expect(listed).toMatchObject({ jid, targets: [{ status: 'returned' }, { status: 'returned' }] })
    expect(listed?.targets[0]?.return).toBeUndefined()
  })

  it('go on when nobody follows any more', async () => {
    stage.sessions.connect('web1')
    const { jid } = await client.submit(submission())
    const leave = new AbortController()
    for await (const event of client.follow(jid, leave.signal)) if (event.type === 'job') leave.abort()
    await stage.jobs.returned(id('web1'), 0, answer(jid))
    expect((await client.job(jid)).targets[0]?.status).toBe('returned')
  })

  it('end on request', async () => {
    stage.sessions.connect('web1')
    const { jid } = await client.submit(submission())
    await stage.settle()
    expect(await client.kill(jid, 'TERM')).toEqual({ told: ['web1'] })
  })

  it('end their streams when the master stops', async () => {
    stage.sessions.connect('web1')
    const { jid } = await client.submit(submission())
    const stream = client.follow(jid, new AbortController().signal)
    await stream.next()
    const rest = (async () => {
      for await (const event of stream) expect(event.type).not.toBe('end')
    })()
    await api.close()
    await rest
  })
})

describe('errors', () => {
  const post = (path: string, body: string, type = 'application/json') =>
    new Promise<{ status: number | undefined; answer: Record<string, string> }>((resolve, reject) => {
      const outgoing = request(
        { socketPath: socket, method: 'POST', path, headers: { 'content-type': type } },
        (response) => {
          let text = ''
          response.setEncoding('utf8')
          response.on('data', (chunk: string) => {
            text += chunk
          })
          response.on('end', () => resolve({ status: response.statusCode, answer: JSON.parse(text) }))
        },
      )
      outgoing.on('error', reject)
      outgoing.end(body)
    })

  it.each([
    ['/api/v1/jobs', '{"fun":"test.ping"}', 400, 'target-missing', 'default_target'],
    ['/api/v1/jobs', '{"args":[]}', 400, 'request-malformed', 'fun'],
    ['/api/v1/jobs', '{"fun":"test.ping","args":{}}', 400, 'request-malformed', 'args'],
    ['/api/v1/jobs', '{"fun":"test","args":[],"kwargs":{}}', 400, 'request-malformed', 'fun'],
    [
      '/api/v1/jobs',
      '{"fun":"test.ping","args":[],"kwargs":{},"sender":"me"}',
      400,
      'request-malformed',
      'sender',
    ],
    [
      '/api/v1/jobs',
      '{"fun":"test.ping","args":[],"kwargs":{},"kwargs":{}}',
      400,
      'request-malformed',
      'kwargs',
    ],
    ['/api/v1/jobs', `{"fun":"test.ping","args":[${'['.repeat(200)}`, 400, 'request-malformed', 'deeper'],
    ['/api/v1/jobs', '{', 400, 'request-malformed', ''],
    ['/api/v1/jobs', '', 400, 'request-malformed', ''],
    ['/api/v1/jobs', '{"fun":"test.ping","args":[],"kwargs":{}}', 400, 'target-missing', 'default_target'],
    ['/api/v1/targets', '{"kind":"glob","expression":"nosuch"}', 404, 'target-empty', 'No minions matched'],
    ['/api/v1/targets', '{"kind":"list","expression":"web1,wbe2"}', 404, 'target-unknown', 'wbe2'],
    ['/api/v1/jobs/20200101000000000000/kill', '{"signal":"TERM"}', 404, 'job-unknown', '2020'],
    ['/api/v1/jobs/nonsense/kill', '{"signal":"TERM"}', 400, 'jid-invalid', 'nonsense'],
    ['/api/v1/nosuch', '{}', 404, 'request-unknown', '/api/v1/nosuch'],
    ['/api/v1/runners', '{"fun":"jobs.actve","args":[],"kwargs":{}}', 404, 'runner-unknown', 'jobs.actve'],
    ['/api/v1/jobs', `{"a":"${'x'.repeat(17 * 1024 * 1024)}"}`, 413, 'request-too-large', 'bytes'],
  ])('%s %#', async (path, body, status, code, text) => {
    const got = await post(path, body)
    expect(got).toMatchObject({ status, answer: { code } })
    expect(got.answer.message).toContain(text)
  })

  it('of another type of content is an error', async () => {
    expect(await post('/api/v1/jobs', 'x', 'text/plain')).toMatchObject({ status: 415 })
  })

  it('carry the hint', async () => {
    await expect(client.targets({ kind: 'list', expression: 'wbe2' })).rejects.toThrow(
      /Did you mean "web2"\?/,
    )
  })
})

it('lists targets with their connection', async () => {
  await stage.store.minions.connected({
    id: id('web2'),
    generation: 0,
    version: '1',
    address: '',
    grains: {},
    at: 77,
  })
  stage.sessions.connect('web1')
  expect(await client.targets({ kind: 'glob', expression: '*' })).toEqual({
    targets: [
      { id: 'web1', connected: true, lastSeen: 0 },
      { id: 'web2', connected: false, lastSeen: 77 },
    ],
  })
})

it('passes keys on', async () => {
  expect(await client.get('/keys')).toMatchObject({ keys: [{ id: 'web1' }], masterFingerprint: fingerprint })
  await client.post('/keys', { action: 'accept', match: 'web*', fingerprint: 'AB:'.repeat(31).concat('AB') })
  expect(acts.at(-1)).toMatchObject({ action: { action: 'accept', match: 'web*', fingerprint } })
  expect(await client.post('/tokens', { idGlob: 'web*', seconds: 60 })).toEqual({
    token: 'tsalt1:web*',
    expires: 60,
  })
  await expect(client.post('/tokens', { idGlob: 'web*', seconds: 7_200 })).rejects.toMatchObject({
    code: 'request-malformed',
  })
})

it('says how it is', async () => {
  expect(await client.status()).toMatchObject({
    version: '0.1.0',
    minions: { known: 2, connected: 0 },
    defaultTarget: 'web*',
    timeout: 30,
    stateOutput: 'short',
    stateVerbose: true,
    color: true,
  })
})

it('calls runners', async () => {
  expect(await client.runner({ fun: 'manage.down', args: [], kwargs: {} })).toEqual({
    ret: ['web1', 'web2'],
    retcode: 0,
  })
})
