/** What is said of rollouts that did not reach everybody. */
import { expect, it } from 'vitest'
import type { TargetAccount } from '../../../../master/api/schemas.ts'
import { afterWords, againWords } from '../../../../master/cli/rollout-words.ts'
import { absentHost } from '../../../../master/cli/status-words.ts'
import type { RolloutAccount } from '../../../../master/rollouts/schemas.ts'
import { nextJobId, parseMinionId } from '../../../../shared/ids.ts'
import { ran } from './recorded-console.ts'
import { jobScript, returned, scriptedMaster, target, testJid } from './scripted-master.ts'

const jid = nextJobId(Date.UTC(2026, 10, 22), undefined)
const rollout = (more: Partial<RolloutAccount>): RolloutAccount => ({
  ...{ jid, state: 'stopped', step: 0, steps: 2, total: 10, held: 0, underWay: 0, succeeded: 0, failed: 0 },
  ...{ offline: 0, gatesAsked: 0, since: 0 },
  ...more,
})

it.each([
  [{ held: 7, succeeded: 2, failed: 1 }, ' after 3 of 10 minions; nothing was run on the others.'],
  [{ held: 7, offline: 2, failed: 1 }, ' after 1 of 10 minions; nothing was run on the others.'],
  [{ held: 9, offline: 1 }, ' before anything was run.'],
  [{ state: 'aborted', held: 5, succeeded: 3, underWay: 2 }, ' after 3 of 10 minions.'],
] as const)('%j%s', (more, words) => {
  expect(afterWords(rollout(more))).toBe(words)
})

it.each([
  [{ state: 'done', succeeded: 10 }, undefined],
  [{ state: 'stopped', offline: 1, held: 9 }, undefined],
  [
    { state: 'done', succeeded: 9, offline: 1 },
    `Rollout done, 1 offline. Once more on these: tsalt rollout retry-failed ${jid}`,
  ],
  [
    { state: 'done', succeeded: 6, failed: 3, offline: 1 },
    `Rollout done, 3 failed, 1 offline. Once more on these: tsalt rollout retry-failed ${jid}`,
  ],
] as const)('%j: %s', (more, words) => {
  expect(againWords(rollout(more))).toBe(words)
})

it('is told with its job: what became of it, and how to go on', async () => {
  const targets = [target('web1', { status: 'expired' }), returned('web2', true)]
  const master = await scriptedMaster((asked) =>
    asked.path === `/rollouts/${testJid}`
      ? { body: rollout({ jid: testJid, state: 'done', total: 2, succeeded: 1, offline: 1 }) }
      : jobScript(targets)(asked),
  )
  try {
    const { out } = await ran(master.socket, ['tsalt', 'jobs', 'show', testJid])
    expect(out).toContain(
      `\nRollout done, 1 offline. Once more on these: tsalt rollout retry-failed ${testJid}\n`,
    )
    expect(out).toMatch(/web1:\n +Offline: passed over when its turn came/)
  } finally {
    await master.close()
  }
})

it('says of a minion that was passed over that it was offline, not that the job expired', () => {
  const account: TargetAccount = { id: parseMinionId('web1'), status: 'expired', since: 0 }
  expect(absentHost(account, undefined, 0, 5, true)).toEqual({
    id: 'web1',
    status: 'offline',
    text: expect.stringMatching(/^Offline: passed over when its turn came, at .*\. Nothing was run on it\.$/),
  })
  expect(absentHost(account, undefined, 0, 5).status).toBe('expired')
})
