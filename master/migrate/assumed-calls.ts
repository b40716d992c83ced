/** Stands in for the machine where there is none: every call is answered with nothing, and written down. */
import type { Value } from '../../shared/data/value.ts'
import type { HostFunctions } from '../../shared/render/host.ts'
import { executionFunctions } from './state-catalog.ts'

/** What a healthy but empty machine would say. Everything else is None. */
const answers: Readonly<Record<string, () => Value>> = {
  'cmd.run': () => '',
  'cmd.run_stdout': () => '',
  'cmd.run_stderr': () => '',
  'cmd.shell': () => '',
  'cmd.exec_code': () => '',
  'cmd.script': () => '',
  'cmd.retcode': () => 1,
  'cmd.run_all': () =>
    new Map<string, Value>([
      ['pid', 0],
      ['retcode', 1],
      ['stdout', ''],
      ['stderr', ''],
    ]),
  'cmd.has_exec': () => false,
  'cmd.which': () => null,
  'environ.get': () => '',
  'file.read': () => '',
  'file.dirname': () => '',
  'file.find': () => [],
  'file.readdir': () => [],
  'mine.get': () => new Map(),
  'network.ip_addrs': () => [],
  'network.ip_addrs6': () => [],
  'network.interface_ip': () => '',
  'network.interfaces': () => new Map(),
  'network.default_route': () => [],
  'network.subnets': () => [],
  'pkg.version': () => '',
  'pkg.latest_version': () => '',
  'pkg.list_pkgs': () => new Map(),
  'cp.list_states': () => [],
  'cp.list_master': () => [],
  'cp.list_master_dirs': () => [],
  'user.info': () => new Map(),
  'user.list_users': () => [],
  'user.list_groups': () => [],
  'group.info': () => new Map(),
  'http.query': () => new Map(),
  'publish.publish': () => new Map(),
  'saltutil.runner': () => new Map(),
}

const isQuestion = /\.(?:\w*exists|is_\w+|available|enabled|disabled|status|running|file_exists|has_\w+)$/

export class AssumedCalls implements HostFunctions {
  /** Names of those that were called since this was emptied. */
  readonly called = new Set<string>()
  readonly #names: readonly string[]

  /** @param more functions that tsalt does not have: a template that calls one is looked at to its end */
  constructor(more: Iterable<string>) {
    this.#names = [...new Set([...executionFunctions, ...more])]
  }

  has(name: string): boolean {
    return /^\w+\.\w+$/.test(name)
  }

  names(): readonly string[] {
    return this.#names
  }

  now(name: string): Value {
    this.called.add(name)
    const answer = Object.hasOwn(answers, name) ? answers[name] : undefined
    if (answer !== undefined) return answer()
    return isQuestion.test(name) ? false : null
  }

  call(name: string): Promise<Value> {
    return Promise.resolve(this.now(name))
  }
}
