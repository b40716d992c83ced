/** Pillar targets of who may not see the pillars: whole values only, so that nobody spells a secret out. */
import { describe, expect, test } from 'vitest'
import type { Dict } from '../../../../shared/data/value.ts'
import { compileTarget } from '../../../../shared/targeting/compile-target.ts'
import { TargetError, type TargetKind } from '../../../../shared/targeting/target.ts'

const nodegroups: Dict = new Map([['webs', 'I@role:w*']])
const subject = { id: 'web1', grains: new Map(), pillar: new Map([['role', 'web']]) as Dict }
const matches = (kind: TargetKind, expression: string): boolean =>
  compileTarget({ kind, expression, nodegroups, exactPillars: true }).matches(subject)

describe('exact pillars', () => {
  test.each([
    ['pillar', 'role:web', true],
    ['pillar', 'role:we', false],
    ['pillar_exact', 'role:web', true],
    ['compound', 'I@role:web and web*', true],
    ['compound', 'N@webs', true],
    ['nodegroup', 'webs', true],
  ] as const)('%s %s', (kind, expression, expected) => {
    expect(matches(kind, expression)).toBe(expected)
  })

  test.each([
    ['pillar', 'role:w*'],
    ['pillar', 'ro?e:web'],
    ['pillar', 'role:[a-w]eb'],
    ['pillar_pcre', 'role:web'],
    ['compound', 'web* and J@role:w'],
    ['compound', 'not I@role:*'],
  ] as const)('%s %s is refused', (kind, expression) => {
    expect(() => matches(kind, expression)).toThrow(TargetError)
  })

  test('the place is that of the part', () => {
    let thrown: unknown
    try {
      matches('compound', 'web* and I@role:w*')
    } catch (error) {
      thrown = error
    }
    expect(thrown).toMatchObject({ offset: 11 })
  })
})
