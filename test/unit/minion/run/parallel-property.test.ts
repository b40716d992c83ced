/** Whatever the requisites: states in parallel come to the results that they come to one after the other. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runSls } from './run-sls.ts'

const commands = { fast: { code: 0 }, slow: { code: 0, takes: 4 }, bad: { code: 1, takes: 2 } }
const kinds = [
  'require',
  'require_any',
  'watch',
  'onchanges',
  'onchanges_any',
  'onfail',
  'onfail_all',
  'listen',
  'prereq',
]

interface Drawn {
  readonly call: string
  readonly parallel: boolean
  readonly requisites: readonly (readonly [kind: string, target: number])[]
}

const drawn = fc.array(
  fc.record({
    call: fc.constantFrom(
      'fast',
      'slow',
      'bad',
      'test.nop',
      'test.succeed_with_changes',
      'test.fail_without_changes',
    ),
    parallel: fc.boolean(),
    requisites: fc.array(fc.tuple(fc.constantFrom(...kinds), fc.nat(100)), { maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 9 },
)

/** Requisites only on states that are before in `order`, so there is no cycle; the text is in another order. */
function slsOf(states: readonly Drawn[], parallel: boolean): string {
  const module = (index: number): string => (states[index]?.call.startsWith('test.') ? 'test' : 'cmd')
  const text = states.map(({ call, parallel: own, requisites }, index) => {
    const fun = call.startsWith('test.') ? call : 'cmd.run'
    const lines = [`s${index}:`, `  ${fun}:`, `    - name: ${fun === 'cmd.run' ? call : `s${index}`}`]
    if (parallel && own) lines.push('    - parallel: True')
    const seen = new Set<string>()
    for (const [kind, target] of requisites) {
      const other = index === 0 ? undefined : target % index
      if (other === undefined || seen.has(kind)) continue
      seen.add(kind)
      // A prereq makes its target wait, so it points the other way round.
      if (kind === 'prereq') lines.push(`    - prereq_in: [{${module(other)}: s${other}}]`)
      else lines.push(`    - ${kind}: [{${module(other)}: s${other}}]`)
    }
    return `${lines.join('\n')}\n`
  })
  return text.toReversed().join('')
}

test('results, changes and comments are the same with and without parallel', async () => {
  await fc.assert(
    fc.asyncProperty(drawn, fc.boolean(), async (states, dry) => {
      const seen = async (parallel: boolean): Promise<unknown> => {
        const run = await runSls(slsOf(states, parallel), { machine: { commands }, test: dry })
        expect(run.states.map(({ number }) => number)).toEqual(run.states.map((_, index) => index))
        const plain = run.states.map(({ tag, result, changes, comment, ran }) => ({
          tag,
          result,
          changes,
          comment,
          ran,
        }))
        return [run.errors, plain.sort((a, b) => (a.tag < b.tag ? -1 : 1)), run.retcode]
      }
      expect(await seen(true)).toEqual(await seen(false))
    }),
    { numRuns: 150 },
  )
}, 60_000)
