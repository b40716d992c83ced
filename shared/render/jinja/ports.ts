/** What templates may use of the world, filled up with what needs none: pillar and grains are data. */
import { randomInt } from 'node:crypto'
import { systemClock } from '../../clock.ts'
import type { Value } from '../../data/value.ts'
import type { HostLog } from '../host-log.ts'
import type { Reads } from '../reads.ts'
import { hostArgument } from './host-arguments.ts'
import { pureFunctions } from './pure-calls/registry.ts'
import type { Ports, SaltPort } from './values.ts'

const precision = 2 ** 47

/** @param log what the machine answers, and what repeats itself when the template is rendered again */
export function portsWith(
  given: Partial<Ports> | undefined,
  variables: Readonly<Record<string, Value>>,
  reads: Reads | undefined,
  log: HostLog,
): Ports {
  return new RenderingPorts(given, variables, reads, log)
}

/** Most templates ask for none of it: nothing is made before. */
class RenderingPorts implements Ports {
  private readonly given: Partial<Ports> | undefined
  private readonly variables: Readonly<Record<string, Value>>
  private readonly reads: Reads | undefined
  private readonly host: HostLog
  private saltPort: SaltPort | undefined

  constructor(
    given: Partial<Ports> | undefined,
    variables: Readonly<Record<string, Value>>,
    reads: Reads | undefined,
    host: HostLog,
  ) {
    this.given = given
    this.variables = variables
    this.reads = reads
    this.host = host
  }

  random(): number {
    this.reads?.askMachine()
    return this.host.chance.next(() => this.given?.random?.() ?? randomInt(precision) / precision)
  }

  now(): number {
    this.reads?.askMachine()
    return this.host.clock.next(() => this.given?.now?.() ?? systemClock.now() / 1000)
  }

  get salt(): SaltPort {
    this.saltPort ??= saltPort(this.given?.salt, this.variables, this.reads, this.host)
    return this.saltPort
  }

  log(level: string, message: string): void {
    this.host.say(level, message)
  }
}

function saltPort(
  given: SaltPort | undefined,
  variables: Readonly<Record<string, Value>>,
  reads: Reads | undefined,
  log: HostLog,
): SaltPort {
  return {
    has: (name) => pureFunctions.has(name) || (given?.has(name) ?? false) || log.has(name),
    names: () => [...new Set([...pureFunctions.keys(), ...(given?.names() ?? []), ...log.names()])],
    why: (name) => log.why(name),
    call: (name, context, args, kwargs) => {
      const pure = pureFunctions.get(name)
      if (pure !== undefined) return pure({ context, variables, reads }, args, kwargs)
      if (given?.has(name) === true) return given.call(name, context, args, kwargs)
      reads?.askMachine()
      const keywords = new Map([...kwargs].map(([key, value]) => [key, hostArgument(value)]))
      return log.ask(
        name,
        args.map((value) => hostArgument(value)),
        keywords,
      )
    },
  }
}
