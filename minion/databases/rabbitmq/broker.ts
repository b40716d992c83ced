/**
 * rabbitmqctl: the one way to a RabbitMQ server. All that is to be known comes from one call, the definitions; an undo
 * imports the part of them that it puts back. Passwords are told by standard input.
 */
import { TsaltError } from '../../../shared/errors/error.ts'
import { given } from '../../states/given.ts'
import type { Changer, UndoStep } from '../../system/changer.ts'
import type { CommandResult, Reader } from '../../system/reader.ts'

export interface BrokerUser {
  readonly name: string
  readonly password_hash: string
  readonly hashing_algorithm: string
  /** Old servers write one text with commas. */
  readonly tags: readonly string[] | string
}

export interface BrokerPermission {
  readonly user: string
  readonly vhost: string
  readonly configure: string
  readonly write: string
  readonly read: string
}

export interface BrokerPolicy {
  readonly name: string
  readonly vhost: string
  readonly pattern: string
  readonly definition: Readonly<Record<string, unknown>>
  readonly priority: number
  readonly 'apply-to': string
}

export interface BrokerParameter {
  readonly component: string
  readonly name: string
  readonly vhost: string
  readonly value: unknown
}

export interface Definitions {
  readonly users: readonly BrokerUser[]
  readonly vhosts: readonly { readonly name: string }[]
  readonly permissions: readonly BrokerPermission[]
  readonly policies: readonly BrokerPolicy[]
  readonly parameters: readonly BrokerParameter[]
  readonly [other: string]: readonly unknown[] | string
}

/** Seconds: a call starts a virtual machine of Erlang, and a broker that begins lets callers wait. */
const longest = 600_000
const nodeDown = new Set([64, 68, 69, 75])

export class Broker {
  readonly #look: Reader
  readonly #runas: string | undefined

  constructor(runas: string | undefined, look: Reader) {
    this.#look = look
    this.#runas = runas
  }

  /** Users, virtual hosts, permissions, policies, parameters. @throws TsaltError `database-…` */
  async definitions(): Promise<Definitions> {
    const text = await this.ask(['rabbitmqctl', '-q', 'export_definitions', '-'])
    const empty = { users: [], vhosts: [], permissions: [], policies: [], parameters: [] }
    try {
      return { ...empty, ...(JSON.parse(text.slice(text.indexOf('{'))) as object) }
    } catch (error) {
      const reason = 'what rabbitmqctl printed as its definitions is no JSON'
      const parameters = { server: 'RabbitMQ', place: 'its node', reason }
      throw new TsaltError('database-refused', parameters, { cause: error })
    }
  }

  /** What a command prints that changes nothing. */
  async ask(argv: readonly string[]): Promise<string> {
    await this.#program(argv[0] ?? '')
    const options = { ...given({ runas: this.#runas }), timeout: longest, maxOutput: 64 * 1_048_576 }
    return this.#answer(await this.#look.commands.query(argv, options))
  }

  /** @param stdin a password; @param undo what takes it back; absent: nothing does */
  async change(
    act: Changer,
    argv: readonly string[],
    stdin?: string,
    undo?: readonly UndoStep[],
  ): Promise<string> {
    await this.#program(argv[0] ?? '')
    const options = { ...given({ runas: this.#runas, stdin, undo }), timeout: longest }
    return this.#answer(await act.commands.run(argv, options))
  }

  step(argv: readonly string[], stdin?: string): UndoStep {
    return { argv, ...given({ runas: this.#runas, stdin }) }
  }

  /** Puts parts of definitions back as they are now. */
  putBack(part: Partial<Definitions>): UndoStep {
    return this.step(['rabbitmqctl', '-q', 'import_definitions'], JSON.stringify(part))
  }

  async #program(program: string): Promise<void> {
    if ((await this.#look.commands.which(program)) === undefined)
      throw new TsaltError('database-program-missing', { program, package: 'rabbitmq-server' })
  }

  #answer({ code, stdout, stderr, timedOut }: CommandResult): string {
    if (code === 0) return stdout
    const said = stderr.trim() || stdout.trim()
    const reason = timedOut ? 'no answer in ten minutes' : firstOf(said)
    const isDown = (nodeDown.has(code) && /unable to|not running|nodedown|connection/i.test(said)) || timedOut
    const parameters = { server: 'RabbitMQ', place: 'its node', reason }
    throw new TsaltError(isDown ? 'database-unreachable' : 'database-refused', parameters)
  }
}

/** The complaint without the pages of diagnostics and usage behind it. */
function firstOf(text: string): string {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(?:Error:?|Stack trace:)$/.test(line))
  return lines[0]?.replace(/^Error:\s*/, '') ?? 'it does not say why'
}
