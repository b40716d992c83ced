/** Nodegroups of the master's configuration in top files, which the minion reads. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Stage } from '../stage/stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await Stage.open({
    master: "nodegroups: {ones: 'o*', others: 'L@two,three'}\n",
    states: {
      'top.yaml': `base:
  ones: [{match: nodegroup}, in-ones]
  'N@others': [in-others]
  'not N@others and N@ones': [in-both]
`,
      'in-ones.yaml': 'in-ones: {test.nop: []}\n',
      'in-others.yaml': 'in-others: {test.nop: []}\n',
      'in-both.yaml': 'in-both: {test.nop: []}\n',
    },
  })
})
afterAll(() => stage?.close())

const top = async (): Promise<{ ret: unknown; retcode: number | undefined }> => {
  const jid = stage.newJid()
  await stage.submit(jid, 'state.show_top', [])
  const { return: result } = await stage.ended(jid)
  return { ret: result?.ret, retcode: result?.retcode }
}

test('a minion is given the states of the groups that it is in', async () => {
  expect(await top()).toEqual({ ret: { base: ['in-ones', 'in-both'] }, retcode: 0 })
})

test('a group that nobody made is refused, with what may have been meant', async () => {
  stage.writeState('top.yaml', "base: {'N@onse': [in-ones]}\n")
  const { ret, retcode } = await top()
  expect(retcode).toBe(1)
  expect(String(ret)).toContain('Did you mean "ones"?')
})
