/** `tsalt auth`: operators beside root, their tokens and certificates, and what the rules say. */
import { existsSync } from 'node:fs'
import { Option } from 'commander'
import { TsaltError } from '../../shared/errors/error.ts'
import { authCertificate } from './auth-certificate.ts'
import { authCheck, checkRules } from './auth-check.ts'
import { authToken } from './auth-token.ts'
import { authUser } from './auth-user.ts'
import {
  addOutputOptions,
  newCommand,
  type OutputOptions,
  parseWords,
  seconds,
  wholeNumber,
} from './command-line.ts'
import type { Console } from './console.ts'
import type { MasterClient } from './master-client.ts'
import { addReachOptions, type ReachOptions } from './network-options.ts'
import { asksForApi, withMaster } from './open-master.ts'
import { configFileOf } from './socket-path.ts'

export interface AuthOptions extends ReachOptions, OutputOptions {
  readonly group?: string[]
  /** --no-password */
  readonly password: boolean
  readonly ttl: number
  readonly note: string
  readonly days: number
  readonly folder?: string
  readonly runner: boolean
  readonly wheel: boolean
  readonly see: boolean
}

export interface AuthSession {
  readonly client: MasterClient
  readonly console: Console
  readonly options: AuthOptions
  /** Of the master's configuration. */
  readonly configFile: string
}

const verbs = {
  user: authUser,
  token: authToken,
  certificate: authCertificate,
  check: authCheck,
} as const

const examples = `
Users, who log in at the API with a password (asked for, or the first line of standard input):
  tsalt auth user list
  tsalt auth user add alice --group web
  tsalt auth user passwd alice           its logins end
  tsalt auth user groups alice web ops   only these from now on
  tsalt auth user disable alice          and enable, delete

Tokens and client certificates for programs:
  tsalt auth token make alice --ttl 30d --note "deploys from CI"
  tsalt auth token list
  tsalt auth token revoke ID
  tsalt auth certificate make alice --folder ~/.tsalt
  tsalt auth certificate list
  tsalt auth certificate revoke SERIAL

What the rules (access, external_auth in the master's configuration) say:
  tsalt auth check                                    reads them, names the first mistake
  tsalt auth check alice state.apply 'web*' nginx     may she, and by which rule
  tsalt auth check alice cmd.run 'G@os:Debian and not db*' uptime
  tsalt auth check alice --runner jobs.list_jobs
  tsalt auth check alice --see events

Exit codes: 0 done, allowed; 1 refused by the rules, nothing of that name; 64 wrong usage, wrong rules.`

export async function runAuth(words: readonly string[], console: Console): Promise<number> {
  const command = newCommand(
    'tsalt auth',
    'user | token | certificate | check …',
    'Who may do what beside root.',
    console,
  ).argument('[words...]')
  command
    .addOption(
      new Option('--group <name>', 'of a user to add; may be repeated').argParser(
        (name: string, before: string[] = []) => [...before, ...name.split(',')],
      ),
    )
    .option('--no-password', 'add a user who has certificates and tokens only')
    .addOption(
      new Option('--ttl <time>', 'life of a token (default: 12h)').argParser(seconds).default(43_200),
    )
    .option('--note <text>', 'what a token is for', '')
    .addOption(
      new Option('--days <number>', 'life of a certificate (default: 90)').argParser(wholeNumber).default(90),
    )
    .option('--folder <folder>', 'where NAME.key, NAME.crt and ca.crt are written (default: here)')
    .option('--runner', 'ask about a runner', false)
    .option('--wheel', 'ask about a wheel function', false)
    .option(
      '--see',
      'ask about looking at minions, keys, jobs, rollouts, events, pillar, states, audit',
      false,
    )
  addReachOptions(addOutputOptions(command)).addHelpText('after', examples)
  parseWords(command, words)
  const options = command.opts<AuthOptions>()
  const place = { configDir: options.configDir, rootDir: options.rootDir }
  const [verb = '', ...rest] = command.args
  if (!isVerb(verb)) {
    const reason = verb === '' ? 'What is to be done is missing' : `There is no "tsalt auth ${verb}"`
    throw new TsaltError(
      'usage-wrong',
      { reason },
      { hint: 'user, token, certificate or check; --help has examples.' },
    )
  }
  const configFile = configFileOf(place)
  // --no-password is about a user that is added, not about who asks.
  const { password: _added, ...reach } = options
  if (verb === 'check' && rest.length === 0) {
    await requireFiles(reach, console, configFile)
    return checkRules({ console, options, configFile })
  }
  return withMaster(reach, console, (client) => verbs[verb]({ client, console, options, configFile }, rest))
}

/** @throws TsaltError `usage-wrong` for who is logged in elsewhere */
async function requireFiles(reach: ReachOptions, console: Console, configFile: string): Promise<void> {
  const { readSession } = await import('./session-file.ts')
  const isHere = existsSync(configFile) || readSession(console.env) === undefined
  if (isHere && !asksForApi(reach, console)) return
  throw new TsaltError(
    'usage-wrong',
    { reason: '"tsalt auth check" without a name reads the configuration of the master' },
    { hint: 'On the master: tsalt auth check. About yourself: tsalt session' },
  )
}

const isVerb = (verb: string): verb is keyof typeof verbs => Object.hasOwn(verbs, verb)
