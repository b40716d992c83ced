/** The configuration read again while the master runs: rules, groups, schedule, reactor; all of it or nothing. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { describeError } from '../../../shared/errors/error.ts'
import { until } from '../stage/stage.ts'
import { NetworkMaster } from './network-master.ts'

const rules = `access:
  - {who: admin, target: '*', functions: '*', runner: '*', wheel: '*', see: '*', root_equivalent: true}
  - {who: webmaster, target: 'web*', functions: test.ping, see: [events]}
`
const without = rules.replace(/^ {2}- \{who: webmaster.*\n/m, '')
let master: NetworkMaster
let admin: string
let webmaster: string

beforeAll(async () => {
  master = await NetworkMaster.start({ rules, minions: ['web1', 'web2', 'db1'] })
  admin = await master.login('admin')
  webmaster = await master.login('webmaster')
})
beforeEach(() => master.reload(rules))
afterAll(() => master.stop())

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const run = (token: string, body: object) =>
  master.https.post('/', { client: 'local', fun: 'test.ping', ...body }, { 'x-auth-token': token })
const audited = (): { kind: string; verdict: string; actor: string; reason?: string }[] =>
  readFileSync(join(master.folder, 'var/log/tsalt/audit'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ kind }) => kind === 'config.reload')

interface OpenStream {
  readonly ended: Promise<void>
  readonly isOpen: () => boolean
  close(): void
}

async function stream(token: string): Promise<OpenStream> {
  const opened = await master.https.open('/api/v1/events', {
    headers: { ...bearer(token), accept: 'text/event-stream' },
  })
  expect(opened.statusCode).toBe(200)
  let isOpen = true
  const ended = new Promise<void>((done) => {
    const end = (): void => {
      isOpen = false
      done()
    }
    opened.on('end', end).on('error', end).on('close', end)
    opened.resume()
  })
  return { ended, isOpen: () => isOpen, close: () => opened.destroy() }
}

describe('rules', () => {
  it('hold for the next request', async () => {
    expect((await run(webmaster, { tgt: 'web1' })).body).toEqual({ return: [{ web1: 'web1' }] })
    expect((await run(webmaster, { tgt: 'db1' })).status).toBe(403)
    expect(await master.reload(rules.replace("'web*'", "'db*'"))).toEqual({
      taken: ['access'],
      atRestart: [],
    })
    expect((await run(webmaster, { tgt: 'web1' })).status).toBe(403)
    expect((await run(webmaster, { tgt: 'db1' })).body).toEqual({ return: [{ db1: 'db1' }] })
    expect(audited().at(-1)).toMatchObject({ actor: 'master', verdict: 'allowed', reason: 'access' })
  })

  it('end the open streams of who has lost a right, and of nobody else', async () => {
    const lost = await stream(webmaster)
    const kept = await stream(admin)
    await master.reload(`# Another line, the same rules.\n${rules}`)
    await pause(200)
    expect([lost.isOpen(), kept.isOpen()]).toEqual([true, true])
    await master.reload(without)
    await lost.ended
    await pause(200)
    expect(kept.isOpen()).toBe(true)
    kept.close()
  })

  it('that would leave the API to nobody are not taken', async () => {
    await expect(master.reload('')).rejects.toMatchObject({ code: 'api-unusable' })
    expect((await run(webmaster, { tgt: 'web1' })).status).toBe(200)
  })
})

describe('a mistake', () => {
  it.each([
    ['an option that does not exist', 'acess: []\n', 'config-option-unknown'],
    ['no YAML', 'access: [\n', 'config-syntax'],
    ['a value that is none', 'job_expiry: soon\n', 'config-option-invalid'],
    [
      'a rule',
      `${rules}  - {who: bob, target: 'web* and and', functions: test.ping}\n`,
      'access-rule-invalid',
    ],
    ['a circle of nodegroups', `${rules}nodegroups: {a: N@b, b: N@a}\n`, 'config-option-invalid'],
    ['an entry of the reactor', `${rules}reactor:\n  - some/tag: relative.sls\n`, 'reactor-option-wrong'],
    [
      'an entry of the schedule',
      `${rules}schedule:\n  a: {function: no.such, seconds: 9}\n`,
      'schedule-option-wrong',
    ],
  ])('(%s) is told with its place, and nothing is taken over', async (_name, lines, code) => {
    const error = await master.reload(`default_target: db1\n${lines}`).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code })
    expect(describeError(error)).toMatch(/etc\/tsalt\/master:\d+:\d+/)
    expect(await master.client.get('/status')).toMatchObject({ defaultTarget: '' })
    expect((await run(webmaster, { tgt: 'web1' })).status).toBe(200)
    expect(audited().at(-1)).toMatchObject({ actor: 'master', verdict: 'refused', reason: code })
  })
})

describe('other options', () => {
  it('are taken over where they can be, and named where they need a restart', async () => {
    const changed =
      'job_expiry: 60\ntoken_expire: 600\nmax_minions: 3\nhandshakes_per_second: 7\ndefault_target: web1\n'
    const { taken, atRestart } = await master.reload(`${changed}${rules}`)
    expect(taken).toEqual(
      ['job_expiry', 'max_minions', 'default_target', 'token_expire'].sort(byTable(taken)),
    )
    expect(atRestart).toEqual(['handshakes_per_second'])
    expect(await master.client.get('/status')).toMatchObject({ defaultTarget: 'web1' })
    const answer = await master.https.post('/login', { username: 'admin', password: 'correct horse' })
    const [session] = (answer.body as { return: { start: number; expire: number }[] }).return
    expect(Math.round((session?.expire ?? 0) - (session?.start ?? 0))).toBe(600)
    // It still differs from what runs.
    expect(await master.reload(`${changed}${rules}`)).toEqual({
      taken: [],
      atRestart: ['handshakes_per_second'],
    })
  })

  it('nodegroups mean what they say now, in targets and in rules', async () => {
    const groups = (members: string) =>
      `nodegroups: {front: '${members}'}\n${without}  - {who: webmaster, target: N@front, functions: test.ping}\n`
    await master.reload(groups('web1'))
    const asked = { tgt: 'front', tgt_type: 'nodegroup' }
    expect((await run(webmaster, asked)).body).toEqual({ return: [{ web1: 'web1' }] })
    expect((await run(webmaster, { tgt: 'web2' })).status).toBe(403)
    await master.reload(groups('web2'))
    expect((await run(webmaster, asked)).body).toEqual({ return: [{ web2: 'web2' }] })
    expect((await run(webmaster, { tgt: 'web1' })).status).toBe(403)
  })

  it('an entry of the schedule begins, and ends with its line', async () => {
    const ran = async (): Promise<number> =>
      (await master.client.get<{ fun: string }[]>('/jobs')).filter(({ fun }) => fun === 'test.echo').length
    const entry = 'schedule: {often: {function: test.echo, args: [hello], tgt: web1, seconds: 1}}\n'
    await master.reload(`${rules}${entry}`)
    await until('the schedule to run', 10, async () => (await ran()) > 0 || undefined)
    await master.reload(rules)
    const after = await ran()
    await pause(2_500)
    expect(await ran()).toBeLessThanOrEqual(after + 1)
    expect(await runner('schedule.list')).not.toContain('often')
  })

  it('the reactor reacts by its new entries', async () => {
    const file = join(master.folder, 'react.sls')
    writeFileSync(file, 'ask:\n  local.test.fib:\n    - tgt: web1\n    - args: {num: 3}\n')
    await master.reload(`${rules}reactor:\n  - my/tag: ${file}\n`)
    await runner('event.send', 'my/tag')
    await until('the reaction', 10, async () => {
      const jobs = await master.client.get<{ fun: string }[]>('/jobs')
      return jobs.some(({ fun }) => fun === 'test.fib') || undefined
    })
    await master.reload(rules)
    expect(await runner('reactor.list')).not.toContain('my/tag')
  })
})

describe('tsalt-run config.reload', () => {
  const write = (lines: string): void => {
    const file = join(master.folder, 'etc/tsalt/master')
    const fixed = readFileSync(file, 'utf8').split('access:')[0] ?? ''
    writeFileSync(file, `${fixed}${lines}`)
  }

  it('says what it has taken, and with test=True what it would', async () => {
    write(`${rules}job_expiry: 5\ncolor: false\n`)
    expect(JSON.parse(await runner('config.reload', 'test=True'))).toEqual({
      would_take: ['color', 'job_expiry'],
      needs_restart: [],
    })
    expect(await master.client.get('/status')).toMatchObject({ color: true })
    expect(JSON.parse(await runner('config.reload'))).toEqual({
      taken: ['color', 'job_expiry'],
      needs_restart: [],
    })
    expect(await master.client.get('/status')).toMatchObject({ color: false })
    expect(JSON.parse(await runner('config.get', 'job_expiry'))).toBe(5)
    expect(audited().at(-1)?.actor).toMatch(/^operator:(?:root|local)$/)
  })

  it('is root on the master, by its nature', async () => {
    const answer = await master.https.post(
      '/',
      { client: 'runner', fun: 'config.reload' },
      { 'x-auth-token': webmaster },
    )
    expect(answer.status).toBe(403)
  })
})

/** JSON of what it returns. */
async function runner(fun: string, ...words: string[]): Promise<string> {
  const named = words.filter((word) => word.includes('='))
  const kwargs = Object.fromEntries(named.map((word) => [word.split('=')[0], word.endsWith('=True')]))
  const args = words.filter((word) => !word.includes('='))
  const { ret } = await master.client.post<{ ret: unknown }>('/runners', { fun, args, kwargs })
  return JSON.stringify(ret)
}

/** In the order in which the answer has them. */
const byTable =
  (order: readonly string[]) =>
  (a: string, b: string): number =>
    order.indexOf(a) - order.indexOf(b)
