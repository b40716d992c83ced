/** Every state that an orchestration may have. Adding one: its file, its line here. */
import type { OrchestrationFunction } from './contract.ts'
import { test } from './pure-test.ts'
import { callFunction } from './salt-function.ts'
import { callRunner, parallelRunners } from './salt-runner.ts'
import { state } from './salt-state.ts'
import { callWheel } from './salt-wheel.ts'
import { waitForEvent } from './wait-for-event.ts'

type Functions = Readonly<Record<string, OrchestrationFunction>>

export const orchestrationModules: Readonly<Record<string, Functions>> = {
  salt: {
    state,
    function: callFunction,
    runner: callRunner,
    parallel_runners: parallelRunners,
    wheel: callWheel,
    wait_for_event: waitForEvent,
  },
  test,
}
