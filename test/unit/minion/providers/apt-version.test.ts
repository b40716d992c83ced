import { spawnSync } from 'node:child_process'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareDebianVersions } from '../../../../minion/providers/package/apt/version.ts'

const part = fc.string({
  unit: fc.constantFrom('0', '1', '9', '10', 'a', 'b', 'z', 'A', '.', '+', '~', '00'),
  maxLength: 6,
})
const version = fc
  .tuple(fc.option(fc.integer({ min: 0, max: 3 })), fc.integer({ min: 0, max: 20 }), part, fc.option(part))
  .map(
    ([epoch, first, rest, revision]) =>
      `${epoch === null ? '' : `${epoch}:`}${first}${rest}${revision ? `-${revision}` : ''}`,
  )

const dpkgThere = spawnSync('dpkg', ['--version']).status === 0
/** Many comparisons in one shell: a process for each would take minutes. */
function dpkgOrders(pairs: readonly (readonly [string, string])[]): number[] {
  const script = pairs
    .map(
      ([a, b]) =>
        `if dpkg --compare-versions '${a}' lt '${b}'; then echo -1; elif dpkg --compare-versions '${a}' gt '${b}'; then echo 1; else echo 0; fi`,
    )
    .join('\n')
  return spawnSync('/bin/sh', [], { input: script, encoding: 'utf8' }).stdout.trim().split('\n').map(Number)
}

describe('compareDebianVersions', () => {
  it.each([
    ['1.0~rc1', '1.0', -1],
    ['1.0~~', '1.0~', -1],
    ['1.0', '1.0-1', -1],
    ['1.0-1', '1.0-1+b1', -1],
    ['1:0.1', '9', 1],
    ['0:1', '1', 0],
    ['1.02', '1.2', 0],
    ['1.10', '1.9', 1],
    ['1.0a', '1.0+', -1],
    ['2.0-0', '2.0', 0],
    ['1.2.3-4-5', '1.2.3-4-6', -1],
    ['20261122040800123456789012', '20261122040800123456789013', -1],
  ])('%s and %s: %i', (a, b, order) => {
    expect(compareDebianVersions(a, b)).toBe(order)
    expect(compareDebianVersions(b, a)).toBe(order === 0 ? 0 : -order)
  })

  it('is an order', () => {
    return fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(compareDebianVersions(a, a)).toBe(0)
        expect(compareDebianVersions(a, b) + compareDebianVersions(b, a)).toBe(0)
        const [x = '', y = '', z = ''] = [a, b, c].sort(compareDebianVersions)
        expect(compareDebianVersions(x, y)).toBeLessThanOrEqual(0)
        expect(compareDebianVersions(x, z)).toBeLessThanOrEqual(0)
      }),
    )
  })

  it.runIf(dpkgThere)(
    'orders as dpkg does',
    () => {
      const pairs = fc.sample(fc.tuple(version, version), { numRuns: 300, seed: 7 })
      expect(pairs.map(([a, b]) => compareDebianVersions(a, b))).toEqual(dpkgOrders(pairs))
    },
    30_000,
  )
})
