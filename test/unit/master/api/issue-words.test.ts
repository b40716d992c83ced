import { expect, test } from 'vitest'
import { read } from '../../../../master/api/request.ts'
import { JobSubmission, RunnerCall } from '../../../../master/api/schemas.ts'

const job = { fun: 'test.ping', args: [], kwargs: {}, target: { kind: 'glob', expression: '*' } }

test.each<[unknown, string]>([
  [{}, 'fun: it is missing'],
  [[], 'an object is wanted, not a list'],
  ['x', 'an object is wanted, not "x"'],
  [{ ...job, func: 1 }, 'func: there is no such field (did you mean "fun"?)'],
  [{ func: 'test.ping' }, 'func: there is no such field (did you mean "fun"?)'],
  [{ ...job, target: { kind: 'glob' } }, 'target.expression: it is missing'],
  [{ ...job, target: { ...job.target, delimitr: ':' } }, 'target.delimitr: there is no such field'],
  [{ ...job, target: '*' }, 'target: an object is wanted, not "*"'],
  [{ ...job, args: 'x' }, 'args: a list is wanted, not "x"'],
  [{ ...job, rollout: { canary: 0 } }, 'rollout.canary: a number of 1 at least is wanted'],
  [{ ...job, rollout: { gate: '' } }, 'rollout.gate: it is empty'],
  [{ ...job, rollout: { steps: [] } }, 'rollout.steps: it is empty'],
  [{ ...job, rollout: { pauseBetween: 'x' } }, 'rollout.pauseBetween: "x" is nothing that can be taken here'],
  [{ ...job, rollout: { batchWait: -1 } }, 'rollout.batchWait: a number of 0 at least is wanted'],
])('%j: %s', (body, words) => {
  const reason = `The request is malformed: ${words}.`
  expect(() => read(JobSubmission, body)).toThrow(expect.objectContaining({ message: reason }))
})

test('who has no arguments to give says nothing of them', () => {
  const none = { fun: 'test.ping', args: [], kwargs: {} }
  expect(read(JobSubmission, { fun: 'test.ping' })).toEqual(none)
  expect(read(RunnerCall, { fun: 'test.ping' })).toEqual(none)
  expect(read(RunnerCall, { fun: 'test.ping', args: ['a'] })).toEqual({ ...none, args: ['a'] })
})
