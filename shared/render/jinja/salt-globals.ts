/** The globals that need the host: `salt`, `show_full_context`, and empty stand-ins for what a rendering lacks. */
import { nearest } from '../../data/nearest.ts'
import type { Value } from '../../data/value.ts'
import type { Reads } from '../reads.ts'
import {
  type Ports,
  PyCallable,
  PyObject,
  type RuntimeValue,
  type SaltPort,
  textOf,
  Undefined,
} from './values.ts'

/** `salt['m.f'](…)` and `salt.m.f(…)` */
class SaltFunctions extends PyObject {
  readonly type = 'salt'
  private readonly port: SaltPort
  private modules: ReadonlySet<string> | undefined

  constructor(port: SaltPort) {
    super()
    this.port = port
  }

  override item(key: RuntimeValue): RuntimeValue | undefined {
    const name = textOf(key)
    if (name === undefined) return undefined
    return name.includes('.') ? callable(this.port, name) : this.moduleOf(name)
  }

  override attribute(name: string): RuntimeValue | undefined {
    if (name === 'get')
      return new PyCallable('get', (_, args) => this.item(args[0] ?? null) ?? args[1] ?? null)
    return this.moduleOf(name)
  }

  private moduleOf(name: string): RuntimeValue | undefined {
    // A program of the tree lists no functions: it answers to every name.
    const isModule = this.moduleNames().has(name) || this.port.has(`${name}.any`)
    return isModule ? new SaltModule(this.port, name) : undefined
  }

  /** Also what has no list of its functions: programs of the tree. */
  override contains(name: RuntimeValue): boolean {
    const text = textOf(name)
    return (
      text !== undefined && (text.includes('.') ? this.port.has(text) : this.moduleOf(text) !== undefined)
    )
  }

  override items(): readonly RuntimeValue[] {
    return this.port.names()
  }

  override names(): readonly string[] {
    return [...this.moduleNames()]
  }

  private moduleNames(): ReadonlySet<string> {
    this.modules ??= new Set(this.port.names().map((name) => name.split('.')[0] ?? name))
    return this.modules
  }

  override size(): number {
    return this.port.names().length
  }

  override repr(): string {
    return '<salt functions>'
  }
}

class SaltModule extends PyObject {
  readonly type = 'salt module'
  private readonly port: SaltPort
  private readonly name: string

  constructor(port: SaltPort, name: string) {
    super()
    this.port = port
    this.name = name
  }

  override attribute(name: string): RuntimeValue | undefined {
    return name.startsWith('_') ? undefined : callable(this.port, `${this.name}.${name}`)
  }

  override item(key: RuntimeValue): RuntimeValue | undefined {
    const name = textOf(key)
    return name === undefined ? undefined : this.attribute(name)
  }
}

function callable(port: SaltPort, name: string): RuntimeValue {
  if (port.has(name))
    return new PyCallable(name, (context, args, kwargs) => port.call(name, context, args, kwargs))
  const near = nearest(name, port.names())
  // Not callable, and not defined: templates ask for functions that only some minions have.
  return new Undefined(
    `there is no execution function "${name}" that a template could call here`,
    true,
    port.why?.(name) ?? (near === undefined ? undefined : `Did you mean "${near}"?`),
  )
}

export function saltGlobals(
  ports: Ports,
  variables: Readonly<Record<string, Value>>,
  reads: Reads | undefined,
): Map<string, RuntimeValue> {
  return new Map<string, RuntimeValue>([
    ['salt', new SaltFunctions(ports.salt)],
    [
      'show_full_context',
      new PyCallable('show_full_context', () => {
        for (const name of Object.keys(variables)) reads?.whole(name)
        return new Map<RuntimeValue, RuntimeValue>(Object.entries(variables))
      }),
    ],
  ])
}
