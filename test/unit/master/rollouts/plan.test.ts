import { expect, it } from 'vitest'
import { planRollout, windowOf } from '../../../../master/rollouts/plan.ts'
import type { RolloutWish } from '../../../../master/rollouts/schemas.ts'
import { parseMinionId } from '../../../../shared/ids.ts'

const ids = Array.from({ length: 20 }, (_, index) => parseMinionId(`w${String(index + 1).padStart(2, '0')}`))
const plan = (wish: RolloutWish, canaries: string[] = []) =>
  planRollout(wish, ids, { canaries: canaries.map(parseMinionId), isThere: (id) => !away.includes(id) })
const away = ids.slice(0, 3)

it.each([
  [{ batch: 5 }, [20], undefined],
  [{ canary: 1 }, [1, 20], 0],
  [{ canary: 1, steps: [1, '10%', '50%', '100%'] }, [1, 2, 10, 20], 0],
  [{ steps: ['10%'] }, [2, 20], 0],
  [{ steps: [3, 500] }, [3, 20], 0],
  [{ canary: 5, steps: [2, 10] }, [5, 10, 20], 0],
  [{ canary: 50 }, [20], 0],
  [{ gate: 'true' }, [20], 0],
  [{ canary: 2, maxFail: 3 }, [2, 20], 3],
  [{ batch: 5, maxFail: '10%' }, [20], 2],
] as const)('%j', (wish, ends, limit) => {
  expect(plan(wish as unknown as RolloutWish)).toMatchObject({ ends, limit })
})

it('puts the canaries first, in the order of the target', () => {
  const target = { kind: 'compound' as const, expression: 'w05 or w02' }
  const { order, ends } = plan({ canary: target }, ['w05', 'w02', 'other'])
  expect(order.slice(0, 3)).toEqual(['w02', 'w05', 'w01'])
  expect(order.length).toBe(20)
  expect(ends).toEqual([2, 20])
})

it.each([
  [{ canary: 1 }, 'w04 w01 w02 w03 w05'],
  [{ steps: ['10%', '100%'] }, 'w04 w05 w01 w02 w03'],
  [{ canary: 20 }, 'w01 w02 w03 w04 w05'],
  [{ canary: 18 }, 'w04 w05 w06 w07 w08'],
  [{ batch: 1 }, 'w01 w02 w03 w04 w05'],
] as const)('begins with those who are there where there is a first step: %j', (wish, first) => {
  const { order } = plan(wish as unknown as RolloutWish)
  expect(order.slice(0, 5).join(' ')).toBe(first)
  expect([...order].sort()).toEqual(ids)
})

it.each([
  [{ canary: { kind: 'glob' as const, expression: 'other' } }, 'the canary is none'],
  [{ steps: [5, 2] }, 'smaller than the one before'],
  [{ maxFail: 'many' }, '"many" is neither'],
  [{ maxFail: '500%' }, '"500%" is neither'],
  [{ batch: 2, pauseBetween: 60 }, 'no steps to pause between'],
])('refuses %j', (wish, reason) => {
  expect(() => plan(wish, ['other'])).toThrow(reason)
})

it('takes a share of all at once, one at least', () => {
  expect([
    windowOf({ batch: '10%' }, 25),
    windowOf({ batch: '1%' }, 25),
    windowOf({ batch: 30 }, 25),
  ]).toEqual([2, 1, 25])
  expect(windowOf({}, 25)).toBe(Number.POSITIVE_INFINITY)
})
