/** Salt's pepper as its users type it. Each step is one run of the program. */
import { spawn } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expectThat, type Report } from './report.ts'
import { type Site, user, watcher } from './site.ts'

interface Ran {
  readonly status: number | null
  readonly out: string
  readonly err: string
}

type Run = (args: readonly string[], environment?: NodeJS.ProcessEnv) => Promise<Ran>

export async function tryPepper(pepper: string, site: Site, folder: string, report: Report): Promise<void> {
  const run = runner(pepper, site, folder)
  /** What stands in `return`. */
  const returned = async <Answer>(...args: string[]): Promise<Answer> => {
    const { status, out, err } = await run(args)
    expectThat(status === 0, 'it ends with 0', `${status} ${err}${out}`)
    return (JSON.parse(out) as { return: Answer }).return
  }
  await onMinions(returned, report)
  await onTheMaster(returned, report)
  await report.step('pepper --fail-if-incomplete one test.ping', async () => {
    const { status, out } = await run(['--fail-if-incomplete', 'one', 'test.ping'])
    expectThat(status === 0 && out.includes('"one"'), 'the minion is told, with 0', `${status} ${out}`)
    return undefined
  })
  await report.step('pepper -T keeps its token in a file of its own, and uses it again', async () => {
    const cache = join(folder, 'token')
    for (const password of [user.password, 'no longer needed']) {
      const { status, err } = await run(['-T', '-x', cache, 'one', 'test.ping'], { SALTAPI_PASS: password })
      expectThat(status === 0, 'it ends with 0', err)
    }
    expectThat((statSync(cache).mode & 0o777) === 0o600, 'the file is 0600', statSync(cache).mode)
    return `expires ${JSON.parse(readFileSync(cache, 'utf8')).expire}`
  })
  await report.step('pepper -r speaks with /token and /run', async () => {
    const [found] = await returned<[Record<string, { ret: unknown }>]>('-r', 'one', 'test.ping')
    expectThat(found.one?.ret === true, 'True of one', found)
    return undefined
  })
  await refusals(run, report)
}

type Returned = <Answer>(...args: string[]) => Promise<Answer>

async function onMinions(returned: Returned, report: Report): Promise<void> {
  await report.step("pepper '*' test.ping", async () => {
    const [found] = await returned<[Record<string, { ret: unknown; retcode: number }>]>('*', 'test.ping')
    expectThat(found.one?.ret === true && found.one.retcode === 0, 'True of one', found)
    return JSON.stringify(found)
  })
  await report.step('pepper one state.highstate', async () => {
    const [found] = await returned<
      [Record<string, { ret: Record<string, { result: unknown }>; retcode: number }>]
    >('one', 'state.highstate')
    const results = Object.values(found.one?.ret ?? {}).map(({ result }) => result)
    expectThat(
      results.length === 2 && results.every((result) => result === true),
      'two states, both True',
      found,
    )
    return Object.keys(found.one?.ret ?? {}).join(', ')
  })
  await report.step('pepper one state.apply greeting test=True', async () => {
    const [found] = await returned<[Record<string, { ret: Record<string, { changes: object }> }>]>(
      ...['one', 'state.apply', 'greeting', 'test=True'],
    )
    const all = Object.values(found.one?.ret ?? {})
    expectThat(
      all.length === 2 && all.every(({ changes }) => Object.keys(changes).length === 0),
      'no change',
      found,
    )
    return undefined
  })
  await report.step('pepper one test.ping,test.version, two functions in one job', async () => {
    const [found] = await returned<[Record<string, { ret: Record<string, unknown>; retcode: object }>]>(
      ...['one', 'test.ping,test.version'],
    )
    expectThat(
      found.one?.ret['test.ping'] === true && JSON.stringify(found.one.retcode).includes('"test.version":0'),
      'what each returned, and the code of each',
      found,
    )
    return JSON.stringify(found.one?.ret)
  })
  for (const [flag, target] of [
    ['-L', 'one'],
    ['-E', 'o.e'],
    ['-G', 'id:one'],
    ['-C', 'one and G@id:one'],
    ['-N', 'greeters'],
  ] as const) {
    await report.step(`pepper ${flag} '${target}' test.ping`, async () => {
      const [found] = await returned<[object]>(flag, target, 'test.ping')
      expectThat(Object.keys(found).join() === 'one', 'one', found)
      return undefined
    })
  }
  await report.step("pepper '*' test.ping --batch 50%", async () => {
    const found = await returned<Record<string, { ret: unknown }>[]>('--batch', '50%', '*', 'test.ping')
    expectThat(found.length === 1 && found[0]?.one?.ret === true, 'one answer for each minion', found)
    return undefined
  })
}

async function onTheMaster(returned: Returned, report: Report): Promise<void> {
  await report.step('pepper --client local_async, then --client runner jobs.lookup_jid', async () => {
    const [job] = await returned<[{ jid: string; minions: string[] }]>(
      '--client',
      'local_async',
      'one',
      'test.ping',
    )
    await returned('one', 'test.ping')
    const [found] = await returned<[{ data?: { return?: Record<string, unknown> } }]>(
      ...['--client', 'runner', 'jobs.lookup_jid', `jid=${job.jid}`],
    )
    expectThat(found.data?.return?.one === true, 'the return of one', found)
    return job.jid
  })
  await report.step('pepper --client runner manage.up', async () => {
    const [found] = await returned<[{ data?: { return?: unknown } }]>('--client', 'runner', 'manage.up')
    expectThat(JSON.stringify(found.data?.return) === '["one"]', 'one is up', found)
    return undefined
  })
  await report.step('pepper --client wheel key.list_all', async () => {
    const [found] = await returned<[{ data: { return: Record<string, string[]> } }]>(
      '--client',
      'wheel',
      'key.list_all',
    )
    const { minions, minions_pre } = found.data.return
    expectThat(`${minions} ${minions_pre}` === 'one two', 'one is accepted, two waits', found)
    return JSON.stringify(found.data.return)
  })
}

async function refusals(run: Run, report: Report): Promise<void> {
  await report.step('pepper with a wrong password', async () => {
    const { status, err } = await run(['*', 'test.ping'], { SALTAPI_PASS: 'wrong' })
    expectThat(status === 1 && err.includes('Authentication denied'), 'Authentication denied, with 1', err)
    return err.trim()
  })
  await report.step('pepper of somebody who may only ping', async () => {
    const as = { SALTAPI_USER: watcher.name, SALTAPI_PASS: watcher.password }
    const ping = await run(['one', 'test.ping'], as)
    expectThat(ping.status === 0, 'a ping ends with 0', `${ping.out}${ping.err}`)
    const { status, out, err } = await run(['one', 'cmd.run', 'id'], as)
    expectThat(
      status === 1 && `${out}${err}`.includes('may not') && !`${out}${err}`.includes('uid='),
      'cmd.run is refused with the reason, with 1',
      `${status} ${out}${err}`,
    )
    return (out || err).trim().split('\n')[0]
  })
  await report.step('pepper with a function that is none', async () => {
    const { status, out, err } = await run(['--client', 'runner', 'manage.upp'])
    expectThat(
      status === 1 && `${out}${err}`.includes('manage.upp'),
      'an error that names it, with 1',
      `${out}${err}`,
    )
    return (out || err).trim().split('\n')[0]
  })
}

function runner(pepper: string, site: Site, folder: string): Run {
  return (args, environment = {}) =>
    new Promise((done, failed) => {
      const child = spawn('python3', [join(pepper, 'scripts/pepper'), '--ignore-ssl-errors', ...args], {
        env: {
          PATH: process.env.PATH,
          HOME: folder,
          PYTHONPATH: pepper,
          PYTHONDONTWRITEBYTECODE: '1',
          PYTHONWARNINGS: 'ignore',
          SALTAPI_URL: site.url,
          SALTAPI_USER: user.name,
          SALTAPI_PASS: user.password,
          SALTAPI_EAUTH: 'auto',
          ...environment,
        },
      })
      let out = ''
      let err = ''
      child.stdout.on('data', (chunk) => (out += String(chunk)))
      child.stderr.on('data', (chunk) => (err += String(chunk)))
      child.once('error', failed)
      child.once('close', (status) => done({ status, out, err }))
    })
}
