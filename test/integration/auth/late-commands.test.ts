/** A list of commands takes its time: each goes by the rights that there are when its turn comes. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { NetworkMaster, passwords } from '../api/network-master.ts'
import { until } from '../stage/stage.ts'

let master: NetworkMaster
beforeAll(async () => {
  master = await NetworkMaster.start({ minions: ['web1'] })
})
afterAll(() => master.stop())

const slow = { client: 'runner', fun: 'test.sleep', arg: [3] }
const later = { client: 'local_async', tgt: 'web1', fun: 'test.echo', arg: ['late'] }
const login = { username: 'admin', password: passwords.admin, eauth: 'local' }

it.each(['/', '/run'])('nothing of it is run at %s after its operator was disabled', async (path) => {
  const token = { 'x-auth-token': await master.login('admin') }
  const low = path === '/' ? [slow, later] : [slow, later].map((chunk) => ({ ...chunk, ...login }))
  const answer = master.https.post(path, low, path === '/' ? token : {})
  const begun = async () => (await master.https.get('/api/v1/session', token)).status === 200 || undefined
  await until('it to be under way', 5, begun)
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  await master.client.post('/auth/users/admin', { disabled: true })
  try {
    expect((await answer).status).toBe(403)
  } finally {
    await master.client.post('/auth/users/admin', { disabled: false })
  }
  const jobs = await master.client.get<readonly { fun: string }[]>('/jobs?limit=50')
  expect(jobs.filter(({ fun }) => fun === 'test.echo')).toEqual([])
})
