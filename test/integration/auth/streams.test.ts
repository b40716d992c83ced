/** Streams over TLS with real processes: through the end of a master, through the end of a login, and left by Ctrl-C. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addUsers, selfSigned } from '../api/network-master.ts'
import { programs } from '../stage/daemon.ts'
import { freePort } from '../stage/free-port.ts'
import { Stage, until } from '../stage/stage.ts'

let stage: Stage
let api: string
beforeAll(async () => {
  const port = await freePort()
  api = `https://127.0.0.1:${port}`
  stage = await Stage.prepare({
    master: `api: {host: 127.0.0.1, port: ${port}, certificate: api.crt, key: api.key}
access:
  - {who: webmaster, target: 'one', functions: test.*, see: events}
`,
  })
  mkdirSync(join(stage.folder, 'home'))
  selfSigned(join(stage.folder, 'm'))
  await addUsers(join(stage.folder, 'm'), { webmaster: 'battery staple' })
  stage.master.start()
  await stage.masterAnswers()
  await stage.configureMinion()
  stage.minion.start()
  await stage.minionAnswers()
  await logIn()
})
afterAll(() => stage?.close())

class Running {
  out = ''
  err = ''
  readonly child: ChildProcess

  constructor(...words: string[]) {
    const env = { HOME: join(stage.folder, 'home'), PATH: process.env.PATH, LANG: 'C.UTF-8' }
    this.child = spawn(process.execPath, [join(programs, 'tsalt.cjs'), ...words], { env })
    this.child.stdout?.on('data', (chunk) => {
      this.out += String(chunk)
    })
    this.child.stderr?.on('data', (chunk) => {
      this.err += String(chunk)
    })
  }

  async end(input?: string): Promise<number> {
    this.child.stdin?.end(input)
    const [code] = (await once(this.child, 'close')) as [number]
    return code
  }

  said(text: string): Promise<true> {
    return until(`"${text}"`, 60, async () => this.out.includes(text) || this.err.includes(text) || undefined)
  }
}

async function logIn(): Promise<void> {
  const login = new Running('login', 'webmaster', '--api', api, '--ca', join(stage.folder, 'm/api.crt'))
  expect([await login.end('battery staple\n'), login.err]).toEqual([0, expect.stringContaining('Kept in')])
}

const running = (seconds: number): Promise<string> =>
  until('the job to run', 30, async () => {
    const jobs = await stage.client.jobs(5)
    const found = jobs.find(({ args, targets }) => args[0] === seconds && targets[0]?.status === 'running')
    return found?.jid
  })

describe('a job that is followed over TLS', () => {
  it('is followed on when the master was killed and is back', async () => {
    const job = new Running('one', 'test.sleep', '12')
    const ended = job.end()
    await running(12)
    await stage.master.end('SIGKILL')
    await stage.restart(stage.master)
    expect([await ended, job.out]).toEqual([0, 'one:\n    True\n'])
  })

  it('goes on without who pressed Ctrl-C, and is attached again', async () => {
    const job = new Running('one', 'test.sleep', '7')
    const ended = job.end()
    const jid = await running(7)
    job.child.kill('SIGINT')
    expect(await ended).toBe(130)
    expect(job.err).toContain(`Attach again: tsalt jobs attach ${jid}`)
    const attached = new Running('jobs', 'attach', jid)
    expect([await attached.end(), attached.out]).toEqual([0, 'one:\n    True\n'])
  })

  it('goes on without who is logged out meanwhile, and says so', async () => {
    const job = new Running('one', 'test.sleep', '9')
    const ended = job.end()
    const jid = await running(9)
    const { token } = JSON.parse(readFileSync(join(stage.folder, 'home/.config/tsalt/session.json'), 'utf8'))
    expect(token).toMatch(/^[0-9a-f]{64}$/)
    expect(await new Running('logout').end()).toBe(0)
    expect(await ended).toBe(77)
    expect(job.err).toContain('The login of webmaster')
    expect(job.err).toContain(`The job goes on. Attach again: tsalt jobs attach ${jid}`)
    await logIn()
    expect((await stage.client.job(jid as never)).targets[0]?.status).toMatch(/running|returned/)
  })
})

describe('events that are followed over TLS', () => {
  it('are waited for while the master is away, and come again', async () => {
    const events = new Running('events', '--follow', '--tags', 'salt/job/*/new')
    const ended = events.end()
    // Until it is heard: the stream is open some time after its program was started.
    await until('an event of a job', 40, async () => {
      expect(await new Running('one', 'test.ping').end()).toBe(0)
      return events.out.includes('salt/job/') || undefined
    })
    await stage.master.end('SIGKILL')
    await events.said('The connection to the master is lost')
    await stage.restart(stage.master)
    await stage.minionAnswers()
    await events.said('The master is back')
    const before = events.out.split('\n').length
    expect(await new Running('one', 'test.ping').end()).toBe(0)
    await until(
      'the event of the second job',
      20,
      async () => events.out.split('\n').length > before || undefined,
    )
    events.child.kill('SIGINT')
    expect(await ended).toBe(130)
  }, 120_000)
})
