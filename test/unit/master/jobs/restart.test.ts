/** The master is killed between any two steps of a job; nothing is lost and nothing sent twice to who has it. */

import { afterEach, beforeEach, expect, it } from 'vitest'
import { trusted } from '../../../../master/auth/actor.ts'
import type { JobId } from '../../../../shared/ids.ts'
import { answer, id, Stage, submission } from './stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await new Stage().start()
})
afterEach(async () => {
  await stage.end()
  expect(stage.errors).toEqual([])
})

/** What the minion has on its disk. */
interface MinionDisk {
  received: boolean
  finished: boolean
  stored: boolean
}
const unfinished = (disk: MinionDisk, jid: JobId): string[] => (disk.received && !disk.stored ? [jid] : [])

const steps = ['submitted', 'sent', 'received', 'acknowledged', 'running', 'finished', 'returned'] as const

it.each(steps)('killed when the job is %s', async (crashAt) => {
  stage.accepted = [{ id: id('web1'), generation: 0 }]
  const disk: MinionDisk = { received: false, finished: false, stored: false }
  const connect = async (jid: JobId) => {
    stage.sessions.connect('web1', unfinished(disk, jid))
    await stage.settle()
  }
  let applied = 0
  const run = async (jid: JobId, until: (typeof steps)[number]) => {
    const reached = (step: (typeof steps)[number]) => steps.indexOf(step) <= steps.indexOf(until)
    if (reached('sent')) await connect(jid)
    if (reached('received') && stage.deliveries('web1').includes(jid) && !disk.received) {
      disk.received = true
      applied += 1
    }
    if (!disk.received) return
    if (reached('acknowledged')) stage.jobs.acknowledged(id('web1'), 0, { jid })
    if (reached('running')) stage.jobs.progressed(id('web1'), 0, { jid, phase: 'running', elapsed: 1 })
    if (reached('finished')) disk.finished = true
    if (!reached('returned')) return
    await stage.jobs.returned(id('web1'), 0, answer(jid))
  }

  const { jid } = await stage.jobs.submit(submission(), trusted('root'))
  await run(jid, crashAt)
  await stage.crash()
  const expected = { submitted: 'waiting', sent: 'waiting', received: 'waiting', returned: 'returned done' }[
    crashAt as string
  ]
  expect(await stage.statuses(jid)).toBe(`web1 ${expected ?? 'lost'}`)
  await run(jid, 'returned')
  // Its reply was lost with the first master, so the minion sends it again.
  await stage.jobs.returned(id('web1'), 0, answer(jid))
  disk.stored = true
  expect(await stage.statuses(jid)).toBe('web1 returned done')
  expect((await stage.account(jid)).targets[0]?.strays).toBeUndefined()
  expect(applied).toBe(1)
  await stage.crash()
  await connect(jid)
  expect(await stage.statuses(jid)).toBe('web1 returned done')
  expect(stage.sessions.sent).toEqual([])
})

it('says nothing of a job whose commit was not finished', async () => {
  const submitting = stage.jobs
    .submit(submission(), trusted('root'))
    .catch((error: { code: string }) => error.code)
  // The process ends before the transaction; here the queue is refused instead.
  const { database } = stage.store
  database.pragma('query_only = ON')
  expect(await submitting).toBe('store-write-failed')
  expect(await stage.jobs.list(5)).toEqual([])
  stage.sessions.connect('web1')
  await stage.settle()
  expect(stage.sessions.sent).toEqual([])
  database.pragma('query_only = OFF')
})
