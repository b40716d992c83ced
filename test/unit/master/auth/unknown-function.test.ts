/** Which names no function of tsalt has: none of those that there are. */
import { expect, test } from 'vitest'
import { unknownFunctions } from '../../../../master/auth/nature/unknown-function.ts'
import { runnerNames } from '../../../../master/runners/call.ts'
import { wheelFunctions } from '../../../../master/wheel/call-wheel.ts'
import { execModules } from '../../../../minion/modules/registry.ts'

test('every function that there is is known', () => {
  const functions = Object.entries(execModules).flatMap(([module, { functions }]) =>
    Object.keys(functions).map((name) => `${module}.${name}`),
  )
  expect(functions.length).toBeGreaterThan(500)
  expect(unknownFunctions('job', functions.join(','))).toEqual([])
  expect(unknownFunctions('wheel', wheelFunctions.join(','))).toEqual([])
  expect(unknownFunctions('runner', runnerNames().join(','))).toEqual([])
})

test.each([
  ['job', 'test.pin', /^tsalt has no function test\.pin; .* Did you mean "test\.ping"\?$/],
  ['job', 'schedule.nosuch', /^tsalt has no function schedule\.nosuch; .* modules\.$/],
  ['runner', 'manage.upp', /^The master has no runner function manage\.upp\. Did you mean "manage\.up"\?$/],
  ['wheel', 'key.acept', /^The master has no wheel function key\.acept\. Did you mean "key\.accept"\?$/],
] as const)('%s %s', (ground, fun, said) => {
  expect(unknownFunctions(ground, fun)).toEqual([expect.stringMatching(said)])
})
