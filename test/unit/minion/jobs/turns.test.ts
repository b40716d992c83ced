/** How state runs take their turn: queue=True, a number, False, and concurrent=True. */
import { describe, expect, test } from 'vitest'
import { stateModule } from '../../../../minion/modules/state/state.ts'

const turn = (given: object): unknown => {
  const { apply } = stateModule.functions
  return apply?.turn?.(given as never)
}

describe('state.apply', () => {
  test.each([
    // As the option state_queue says.
    [{}, undefined],
    [{ queue: true }, { kind: 'wait' }],
    [{ queue: 2 }, { kind: 'wait', most: 2 }],
    [{ queue: false }, { kind: 'wait', most: 0 }],
    [{ concurrent: true }, { kind: 'beside' }],
  ])('%j', (given, expected) => {
    expect(turn(given)).toEqual(expected)
  })
})
