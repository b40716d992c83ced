import { expect, test } from 'vitest'
import { ReturnSender } from '../../../../minion/jobs/return-sender.ts'
import { systemClock } from '../../../../shared/clock.ts'
import type { Json } from '../../../../shared/data/codec.ts'
import { parseJobId } from '../../../../shared/ids.ts'
import { silentLogger } from '../../../../shared/log.ts'
import { encodeMessage } from '../../../../shared/protocol/encode-message.ts'
import type { JobReturn } from '../../../../shared/protocol/messages/job-return.ts'

test('a result that is nested too deeply to be sent leaves its verdict, once', async () => {
  const jid = parseJobId('20260101000000000000')
  let deep: Json = 'end'
  for (let level = 0; level < 100; level++) deep = [deep]
  const result: JobReturn = {
    jid,
    fun: 'test.echo',
    outcome: 'done',
    retcode: 3,
    success: false,
    format: 'nested',
    ret: deep,
    started: 1,
    duration: 1,
  }
  const arrived: JobReturn[] = []
  const stored: string[] = []
  const sender = new ReturnSender({
    spool: {
      unsent: () => [jid],
      result: async () => result,
      stored: async (id: string) => void stored.push(id),
    } as never,
    clock: systemClock,
    log: silentLogger(),
    link: {
      connected: () => true,
      deliver: async (body) => {
        encodeMessage('job.return', body)
        arrived.push(body)
      },
    },
  })
  await sender.send(jid)
  sender.stop()
  expect(arrived).toHaveLength(1)
  expect(arrived[0]).toMatchObject({ jid, retcode: 3, success: false, truncated: 'the whole body' })
  expect(stored).toEqual([jid])
})
