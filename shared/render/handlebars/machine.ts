/** The helper `salt`: functions of the machine that the template is rendered on. */
import type { Value } from '../../data/value.ts'
import { HostWanted } from '../host-log.ts'
import type { HelperCall } from './call.ts'
import { CallFailed } from './problem.ts'

export function callMachine(call: HelperCall): Value {
  const fun = call.text(0)
  const machine = call.options.data?.machine
  if (machine === undefined) throw call.wrong('there is no machine here that could be asked')
  const args = call.visible.slice(1).map((_, index) => call.value(index + 1))
  try {
    return machine.ask(fun, args, call.keywords)
  } catch (error) {
    if (error instanceof HostWanted) throw error
    throw new CallFailed(error, call.options.loc)
  }
}
