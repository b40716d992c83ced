/** The schedule of a real daemon, and what a minion tells, on the event bus of a real master. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Json } from '../../../shared/data/codec.ts'
import { lines, Stage, until } from '../stage/stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await Stage.open({
    states: { 'tell.sls': 'tell:\n  event.send:\n    - name: myco/deployed\n    - data: {version: 7}\n' },
    minion:
      'schedule:\n  beat: {function: test.echo, args: [tick], seconds: 2, metadata: {why: test}}\n  daily: {function: test.ping, days: 1}\n',
  })
}, 60_000)
afterAll(() => stage?.close())

async function call(
  fun: string,
  args: readonly Json[] = [],
  kwargs: Record<string, Json> = {},
): Promise<unknown> {
  const jid = stage.newJid()
  await stage.submit(jid, fun, args, { kwargs })
  return (await stage.ended(jid)).return?.ret
}

type Seen = { readonly tag: string; readonly data: Json }

async function events(tag: string): Promise<Seen[]> {
  const seen: Seen[] = []
  const query = new URLSearchParams({ follow: 'false' })
  for await (const event of stage.client.events(query, AbortSignal.timeout(5_000))) seen.push(event as never)
  return seen.filter((event) => event.tag === tag)
}

const come = (tag: string, count: number): Promise<Seen[]> =>
  until(`${count} events ${tag}`, 20, async () => {
    const seen = await events(tag)
    return seen.length >= count ? seen : undefined
  })

test('what states and functions tell is on the bus once, below the minion', async () => {
  await call('state.apply', ['tell'])
  expect(await call('event.send', ['myco/by-hand', { password: 'none' }], { by: 'ann' })).toBe(true)
  const [told] = await come('minion/one/myco/deployed', 1)
  expect(told?.data).toEqual({ version: 7 })
  expect((await come('minion/one/myco/by-hand', 1))[0]?.data).toEqual({ password: 'none', by: 'ann' })
  expect(String(await call('event.send', ['no tag']))).toContain('no tag of an event')
})

test('an event that is told while there is no master comes when it is back', async () => {
  await call('schedule.add', ['late'], {
    function: 'event.send',
    job_args: ['myco/late'],
    seconds: 1,
    maxrunning: 1,
  })
  await come('minion/one/myco/late', 1)
  await stage.master.end('SIGKILL')
  await new Promise((resolve) => setTimeout(resolve, 3_000))
  await stage.restart(stage.master)
  await stage.minionAnswers()
  await call('schedule.delete', ['late'])
  expect((await come('minion/one/myco/late', 3)).length).toBeGreaterThanOrEqual(3)
})

test('jobs of the configuration run at their times, and the master is told', async () => {
  const [first] = await come('minion/one/schedule/beat', 2)
  expect(first?.data).toMatchObject({
    id: 'one',
    schedule: 'beat',
    fun: 'test.echo',
    return: 'tick',
    retcode: 0,
    success: true,
    metadata: { why: 'test' },
  })
  expect(await call('schedule.disable_job', ['beat'])).toMatchObject({ result: true })
  expect(await call('schedule.is_enabled', ['beat'])).toBe(false)
})

test('a job that is added runs on, is not run twice over a restart, and can be removed', async () => {
  const file = stage.path('ran')
  const added = await call('schedule.add', ['touch'], {
    function: 'cmd.run',
    job_args: [`echo x >> ${file}`],
    hours: 1,
  })
  expect(added).toMatchObject({ result: true, changes: { touch: 'added' } })
  expect(await call('schedule.run_job', ['touch'])).toMatchObject({ result: true })
  await until('the job', 10, async () => lines(file).length || undefined)
  const planned = await call('schedule.show_next_fire_time', ['touch'])
  await stage.minion.end('SIGTERM')
  await stage.restart(stage.minion)
  const after = await until('the plan', 10, async () => {
    const answer = (await call('schedule.show_next_fire_time', ['touch'])) as {
      next_fire_time: string | null
    }
    return answer.next_fire_time === null ? undefined : answer
  })
  expect(after).toEqual(planned)
  expect(lines(file)).toHaveLength(1)
  expect(String(await call('schedule.list'))).toContain('touch:')
  expect(await call('schedule.delete', ['touch'])).toMatchObject({ changes: { touch: 'removed' } })
  expect(await call('schedule.delete', ['daily'])).toMatchObject({ result: false })
  expect(stage.minion.memory()).toBeLessThan(60)
})
