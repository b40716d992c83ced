/** Options that say how the master is reached where its socket is not for everybody: over its API, with one's own rights. */
import { type Command, Option } from 'commander'
import { TsaltError } from '../../shared/errors/error.ts'
import { addPlaceOptions, type PlaceOptions } from './command-line.ts'

export interface ReachOptions extends PlaceOptions {
  api?: string
  ca?: string
  /** A file, or `-`. */
  token?: string
  clientCert?: string
  clientKey?: string
}

/** Logging in for one command. */
export interface LoginOptions {
  auth?: string
  eauth?: string
  username?: string
  password?: string
  makeToken?: boolean
}

/** @param tokenFlags `--auth-token <file>` where --token means something else */
export function addNetworkOptions(
  command: Command,
  tokenFlags = '--auth-token, --token <file>',
  caFlags = '--ca <file>',
): Command {
  return command
    .optionsGroup('Without root, by the rules of the master:')
    .option('--api <url>', 'its API: https://HOST:4511 (also: TSALT_API); else that of "tsalt login"')
    .option(caFlags, 'the CA of its certificate (also: TSALT_CA); else what the system trusts')
    .option(tokenFlags, 'file with a token, - for standard input (also: the token in TSALT_TOKEN)')
    .option('--client-cert <file>', 'certificate of an operator')
    .option('--client-key <file>', 'its key')
}

/** Of every command that speaks with the master. */
export function addReachOptions(command: Command): Command {
  return addNetworkOptions(addPlaceOptions(command))
}

/** Salt's words. @param authFlags `--auth <way>` where -a means something else */
export function addLoginOptions(command: Command, authFlags = '-a, --auth <way>'): Command {
  return command
    .option(authFlags, 'log in for this command: local, pam, auto (also: --eauth)')
    .addOption(new Option('--eauth <way>').hideHelp())
    .option('--username <name>', 'who logs in (default: your name here)')
    .option('--password <password>', 'better left out: it is asked for, or read from standard input')
    .option('-T, --make-token', 'remember this login, as "tsalt login" does', false)
}

/** Where somebody asks for the API of a command that reads files of root: a sentence instead of "unknown option". */
export function refuseNetworkOptions(command: Command, name: string, because: string): void {
  for (const flags of ['--api [url]', '--auth-token, --token [file]', '--client-cert [file]']) {
    const option = new Option(flags).hideHelp()
    command.addOption(option)
    command.on(`option:${option.name()}`, () => {
      throw new TsaltError('usage-wrong', { reason: `"${name}" works on the master alone: ${because}` })
    })
  }
}
