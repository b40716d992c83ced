/** `tsalt login`: logs in at the API of a master and remembers it, for commands of a user who is not root. */
import { TsaltError } from '../../shared/errors/error.ts'
import { apiPlace } from './api-place.ts'
import { newCommand, parseWords } from './command-line.ts'
import type { Console } from './console.ts'
import { exitCodes } from './exit-codes.ts'
import { keepSession, knownSession, logIn, sessionLine } from './log-in.ts'
import { sessionPath } from './session-file.ts'

interface LoginProgramOptions {
  api?: string
  ca?: string
  eauth?: string
  password?: string
  configDir?: string
  rootDir?: string
}

const examples = `
Examples:
  tsalt login alice --api https://master.example.org:4511 --ca ca.crt
  tsalt login --eauth pam                       again, at the same master, by the password of the system
  tsalt login deploy --api master < password    the first line of standard input
  tsalt session                                 who is logged in, until when, and what may be done
  tsalt logout

Without --api: TSALT_API, the option "api" of a master's configuration on this host, the login before. The login
is kept in $XDG_CONFIG_HOME/tsalt/session.json (~/.config/tsalt/session.json), mode 0600, with the certificate of --ca.
It is used where the socket of a master cannot be.

Exit codes: 0 logged in, 2 no master there, 64 wrong usage, 75 too many tries, 77 refused.`

export async function runLogin(words: readonly string[], console: Console): Promise<number> {
  const command = newCommand(
    'tsalt login',
    '[name] [options]',
    'Logs in at the API of a master, and remembers it.',
    console,
  ).argument('[name...]')
  command
    .option('--api <url>', 'the API of the master: https://HOST:4511 (also: TSALT_API)')
    .option('--ca <file>', 'the CA of its certificate (also: TSALT_CA); else what the system trusts')
    .option('--eauth, --auth <way>', 'local (users of tsalt), pam (users of the system of the master), auto')
    .option('--username <name>', 'the same as the name')
    .option('--password <password>', 'better left out: it is asked for, or read from standard input')
    .option('-c, --config-dir <folder>', "folder with a master's configuration, for its option api")
    .option('--root-dir <folder>', 'every path is below this folder')
    .addHelpText('after', examples)
  parseWords(command, words)
  const { auth, username, ...options } = command.opts<
    LoginProgramOptions & { auth?: string; username?: string }
  >()
  const [name = username, ...more] = command.args
  if (more.length > 0) throw new TsaltError('usage-wrong', { reason: '"login" takes one name' })
  const before = knownSession(console)
  const place = await apiPlace({ ...options, logLevel: 'warning' }, console, before)
  // Who logs in again is who did before, in the same way.
  const again = before?.api === place.api && (name === undefined || name === before.user) ? before : undefined
  const wish = { username: name ?? again?.user, password: options.password, eauth: auth ?? again?.eauth }
  const session = await logIn(place, wish, console)
  await keepSession(session, console)
  console.out(sessionLine(session))
  console.err(`Kept in ${sessionPath(console.env)}; tsalt logout ends it.\n`)
  return exitCodes.ok
}
