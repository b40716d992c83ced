import { expect, it } from 'vitest'
import { cutBody } from '../../../../minion/jobs/cut-body.ts'
import { decodeEnvelope, encodeEnvelope } from '../../../../shared/protocol/envelope.ts'
import type { JobReturn } from '../../../../shared/protocol/messages/job-return.ts'

const result = (ret: JobReturn['ret']): JobReturn => ({
  jid: '20260101000000000000' as JobReturn['jid'],
  fun: 'test.arg',
  outcome: 'done',
  retcode: 0,
  success: true,
  format: 'nested',
  ret,
  started: 1,
  duration: 1,
})

it('cuts a body with more values than the master takes, so that the verdict arrives', () => {
  const many = result(Array.from({ length: 600_000 }, () => [0]))
  const send = (body: JobReturn) =>
    decodeEnvelope(encodeEnvelope({ kind: 'job.return', request: 1, body }), 'minion')
  expect(() => send(many)).toThrow('too many values')
  const cut = cutBody(many, 60 * 1024 * 1024)
  expect(cut.truncated).toContain('the whole body')
  expect(send(cut).body).toMatchObject({ outcome: 'done', retcode: 0 })
  const fine = result(Array.from({ length: 400_000 }, () => [0]))
  expect(cutBody(fine, 60 * 1024 * 1024)).toBe(fine)
})
