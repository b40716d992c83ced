/** Any rollout played against minions that come, go and fail at random: it never does more than was allowed. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { nextMove, type Situation, type Turn } from '../../../../master/rollouts/next-move.ts'
import { type MinionId, parseMinionId } from '../../../../shared/ids.ts'

const arbitrary = fc.record({
  count: fc.integer({ min: 1, max: 30 }),
  steps: fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 4 }),
  window: fc.integer({ min: 1, max: 10 }),
  limit: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }),
  gated: fc.boolean(),
  // For each minion: is it there, does it work, does its gate open.
  fates: fc.array(fc.record({ there: fc.boolean(), works: fc.boolean(), opens: fc.boolean() }), {
    minLength: 30,
    maxLength: 30,
  }),
  chances: fc.infiniteStream(fc.nat()),
})

it('keeps to window, step and limit, and comes to an end', () => {
  fc.assert(
    fc.property(arbitrary, ({ count, steps, window, limit, gated, fates, chances }) => {
      const order = Array.from({ length: count }, (_, n) => parseMinionId(`m${n}`))
      const ends = [...new Set([...steps.filter((end) => end < count), count])].sort((a, b) => a - b)
      const turns = new Map<MinionId, Turn>(order.map((id) => [id, 'held']))
      const asking = new Set<MinionId>()
      const fate = (id: MinionId) => fates[order.indexOf(id)] ?? { there: true, works: true, opens: true }
      const count_ = (turn: Turn) => order.filter((id) => turns.get(id) === turn).length
      let step = 0
      for (let round = 0; round < 1_000; round++) {
        const situation: Situation = {
          order,
          ends,
          step,
          turns,
          window,
          limit,
          resting: 0,
          forgiven: 0,
          presence: (id) => (fate(id).there ? 'there' : 'away'),
          note: () => undefined,
          changed: undefined,
          pauseBetween: undefined,
          stepEnded: undefined,
          now: 0,
        }
        const move = nextMove(situation)
        if (limit !== undefined && count_('failed') > limit) {
          expect(move.kind).toBe('stop')
          return
        }
        if (move.kind === 'done') {
          expect(count_('held') + count_('busy') + count_('gate-due')).toBe(0)
          return
        }
        const untried = order.slice(0, ends[step]).every((id) => turns.get(id) === 'offline')
        if (move.kind === 'stop') {
          expect(untried, 'nothing failed').toBe(true)
          expect(step).toBeLessThan(ends.length - 1)
          return
        }
        if (move.kind === 'step') {
          expect(untried, 'goes on after nothing').toBe(false)
          expect(
            order
              .slice(0, ends[step])
              .some((id) => ['held', 'busy', 'gate-due'].includes(turns.get(id) ?? '')),
          ).toBe(false)
          step += 1
        } else if (move.kind === 'release') {
          for (const id of move.skip) turns.set(id, 'offline')
          for (const id of move.ids) {
            expect(fate(id).there).toBe(true)
            expect(order.indexOf(id)).toBeLessThan(ends[step] ?? 0)
            turns.set(id, 'busy')
          }
          expect(count_('busy')).toBeLessThanOrEqual(window)
        } else if (move.kind === 'ask') {
          for (const id of move.ids) {
            asking.add(id)
            turns.set(id, 'busy')
          }
        } else {
          expect(move.kind).toBe('wait')
          const busy = order.filter((id) => turns.get(id) === 'busy')
          expect(busy.length, 'nothing to wait for').toBeGreaterThan(0)
          const id = busy[(chances.next().value ?? 0) % busy.length] as MinionId
          if (asking.has(id)) turns.set(id, fate(id).opens ? 'ok' : 'failed')
          else if (!fate(id).works) turns.set(id, 'failed')
          else turns.set(id, gated ? 'gate-due' : 'ok')
        }
      }
      throw new Error('it came to no end')
    }),
    { numRuns: 500 },
  )
})
