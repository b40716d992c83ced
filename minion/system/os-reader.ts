/** The real Reader: files, commands, packages, services and accounts of the machine that this process runs on. */
import type { Dict } from '../../shared/data/value.ts'
import { osAccountReader } from './account-reader.ts'
import { commandRunner, findProgram } from './command.ts'
import { osFileReader } from './file-reader.ts'
import { httpSender } from './http-request.ts'
import type { Machine } from './machine.ts'
import type { Reader, SourceReader } from './reader.ts'

export interface ReaderParts {
  readonly machine: Machine
  readonly grains: Dict
  readonly pillar: Dict
  readonly sources: SourceReader
  /** Ends queries and guards when the job is ended. */
  readonly signal?: AbortSignal
}

export function makeReader({ machine, grains, pillar, sources, signal }: ReaderParts): Reader {
  const run = commandRunner(machine.accounts, signal, machine.maxOutput)
  return {
    grains,
    pillar,
    sources,
    files: osFileReader(machine.accounts),
    commands: {
      query: (argv, options) => run(argv, options),
      guard: (command, options) => run(command, options),
      which: async (program) => findProgram(program),
    },
    packages: machine.packages.look,
    services: machine.services.look,
    accounts: osAccountReader(machine.accounts),
    http: { ask: httpSender(signal) },
  }
}
