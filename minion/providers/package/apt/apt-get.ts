/** Runs apt-get and its relatives: without a question, waiting for locks, finishing what an earlier dpkg left. */
import { setTimeout as pauseFor } from 'node:timers/promises'
import { TsaltError } from '../../../../shared/errors/error.ts'
import type { RunCommand } from '../../../system/command.ts'
import type { CommandResult } from '../../../system/reader.ts'
import { aptFailure } from './failure.ts'

/** Seconds that another package manager may take to finish. */
const lockTimeout = 120
/** Seconds between two tries where apt-get itself does not wait: for the lists and for the archive. */
const lockPause = 3
/** Milliseconds; a transaction that takes longer hangs. */
const transactionTimeout = 3_600_000

export const aptEnvironment = {
  DEBIAN_FRONTEND: 'noninteractive',
  DEBCONF_NONINTERACTIVE_SEEN: 'true',
  DEBIAN_PRIORITY: 'critical',
  APT_LISTCHANGES_FRONTEND: 'none',
  APT_LISTBUGS_FRONTEND: 'none',
  UCF_FORCE_CONFFOLD: '1',
  NEEDRESTART_SUSPEND: '1',
  LC_ALL: 'C.UTF-8',
}

const aptGet = [
  'apt-get',
  '-q',
  '-y',
  '-o',
  'Dpkg::Options::=--force-confold',
  '-o',
  'Dpkg::Options::=--force-confdef',
  '-o',
  `DPkg::Lock::Timeout=${lockTimeout}`,
  '-o',
  'APT::Get::Assume-Yes=true',
  '-o',
  'Dpkg::Use-Pty=0',
]

const configureAll = ['dpkg', '--force-confold', '--force-confdef', '--configure', '-a']

export interface AptSurroundings {
  readonly run: RunCommand
  readonly forget: () => void
  /** Packages that are neither installed nor gone. */
  readonly unfinished: () => ReadonlySet<string>
  /** Milliseconds. */
  readonly pause?: (time: number) => Promise<unknown>
}

export class AptGet {
  readonly #around: AptSurroundings

  constructor(around: AptSurroundings) {
    this.#around = around
  }

  /** @throws TsaltError `package-…` */
  get(verb: string, operands: readonly string[] = [], flags: readonly string[] = []): Promise<CommandResult> {
    const rest = operands.length === 0 ? [] : ['--', ...operands]
    return this.finish([...aptGet, ...flags, verb, ...rest], `apt-get ${verb}`)
  }

  /** @param shown how errors call the command */
  async finish(argv: readonly string[], shown: string): Promise<CommandResult> {
    try {
      return await this.#waiting(argv, shown)
    } catch (error) {
      if (!wasInterrupted(error)) throw error
      // Somebody pulled the plug on an earlier dpkg: what it had begun is finished first.
      await this.#waiting(configureAll, 'dpkg --configure -a')
      return await this.#waiting(argv, shown)
    }
  }

  async #waiting(argv: readonly string[], shown: string): Promise<CommandResult> {
    const { pause = pauseFor } = this.#around
    for (let waited = 0; ; waited += lockPause) {
      try {
        return await this.#once(argv, shown)
      } catch (error) {
        // For dpkg's own lock apt-get has waited already; dpkg and apt-mark never wait.
        const waits = argv[0] !== 'apt-get' || argv.includes('update') || argv.includes('--download-only')
        if (!waits || !isLocked(error) || waited >= lockTimeout) throw error
        await pause(lockPause * 1_000)
      }
    }
  }

  async #once(argv: readonly string[], shown: string): Promise<CommandResult> {
    const { run, forget, unfinished } = this.#around
    try {
      const result = await run(argv, { env: aptEnvironment, timeout: transactionTimeout })
      if (result.code === 127)
        throw new TsaltError('provider-command-missing', {
          kind: 'package',
          provider: 'apt',
          command: argv[0] ?? '',
        })
      if (result.code !== 0 || result.timedOut) throw aptFailure(shown, result, unfinished())
      return result
    } finally {
      forget()
    }
  }
}

const isLocked = (error: unknown): boolean =>
  error instanceof TsaltError && error.code === 'package-database-locked'

const wasInterrupted = (error: unknown): boolean =>
  error instanceof TsaltError &&
  error.code === 'package-database-broken' &&
  String(error.parameters['remedy']).startsWith('dpkg --configure')
