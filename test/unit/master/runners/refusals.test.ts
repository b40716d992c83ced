/** manage.refusals: what minions were refused, and with all=True everybody else. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { toPlain, toValue } from '../../../../shared/data/value.ts'
import { Stage } from '../jobs/stage.ts'
import { callOn } from './runner-stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await new Stage().start()
})
afterEach(() => stage.end())

it('tells of minions, or of all', async () => {
  const ofMinions = {
    web2: { count: 3, last: '1970-01-01T00:00:00.000Z', kind: 'job.return', reason: 'of nobody' },
  }
  expect(toPlain(toValue((await callOn(stage, 'manage.refusals')).ret as never))).toEqual(ofMinions)
  const all = await callOn(stage, 'manage.refusals', [], { all: true })
  expect(Object.keys(toPlain(toValue(all.ret as never)) as object)).toEqual([
    'minion:web2',
    'address:10.0.0.7',
  ])
})
