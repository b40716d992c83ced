/** A rendering as filters see it, as plain data: no templates, chance by a fixed row, a fixed time. */
import {
  type CallContext,
  PyCallable,
  PyError,
  type Registry,
  type RuntimeValue,
  Undefined,
} from '../../../shared/render/jinja/values.ts'

export interface PlainContext extends CallContext {
  readonly changed: RuntimeValue[]
  readonly spent: () => number
}

export function plainContext(filters: Registry = new Map(), tests: Registry = new Map()): PlainContext {
  let steps = 0
  let chance = 0
  const changed: RuntimeValue[] = []
  const context: PlainContext = {
    autoescape: false,
    changed,
    spent: () => steps,
    ports: {
      random: () => {
        chance = (chance * 16807 + 11) % 2147483647
        return chance / 2147483647
      },
      now: () => 1_700_000_000,
      salt: {
        has: () => false,
        names: () => [],
        call: () => null,
      },
    },
    filters,
    tests,
    call: (callee, args, kwargs = new Map()) => {
      if (callee instanceof PyCallable) return callee.run(context, args, kwargs)
      throw new PyError('TypeError', 'not callable')
    },
    filter: (name, args, kwargs = new Map()) => filters.get(name)?.(context, args, kwargs) ?? null,
    test: (name, args, kwargs = new Map()) => tests.get(name)?.(context, args, kwargs) === true,
    attribute: (_object, name) => new Undefined(`no attribute ${name}`, true),
    item: () => new Undefined('no item', true),
    undefined: (message) => new Undefined(message, true),
    variable: () => undefined,
    willChange: (container) => {
      changed.push(container)
    },
    spend: (count) => {
      steps += count
    },
  }
  return context
}
