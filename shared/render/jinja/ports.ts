/** What templates may use of the world, filled up with what needs none: pillar and grains are data. */
import { randomInt } from 'node:crypto'
import { systemClock } from '../../clock.ts'
import type { Value } from '../../data/value.ts'
import type { Reads } from '../reads.ts'
import { pureFunctions } from './pure-calls/registry.ts'
import { saltCalls } from './salt-calls/registry.ts'
import type { Ports, SaltPort } from './values.ts'
import { PyError } from './values.ts'

/** The exact ones first; those of pillar and configuration are only in the other. */
const withoutHost = new Map([...pureFunctions, ...saltCalls])

const precision = 2 ** 47

export function portsWith(
  given: Partial<Ports> | undefined,
  variables: Readonly<Record<string, Value>>,
  reads: Reads | undefined,
): Ports {
  return {
    random: given?.random ?? (() => randomInt(precision) / precision),
    now: given?.now ?? (() => systemClock.now() / 1000),
    salt: saltPort(given?.salt, variables, reads),
    ...(given?.log === undefined ? {} : { log: given.log }),
  }
}

function saltPort(
  host: SaltPort | undefined,
  variables: Readonly<Record<string, Value>>,
  reads: Reads | undefined,
): SaltPort {
  return {
    has: (name) => withoutHost.has(name) || (host?.has(name) ?? false),
    names: () => [...withoutHost.keys(), ...(host?.names() ?? [])],
    call: (name, context, args, kwargs) => {
      const pure = withoutHost.get(name)
      if (pure !== undefined) return pure({ context, variables, reads }, args, kwargs)
      if (host?.has(name) === true) return host.call(name, context, args, kwargs)
      throw new PyError(
        'RaisedError',
        `The execution function "${name}" cannot be called from a template here.`,
      )
    },
  }
}
