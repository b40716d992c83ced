/** `tsalt logout`: the token is worth nothing any more, and the file with it is gone. */
import { describeError, TsaltError } from '../../shared/errors/error.ts'
import { localTime } from '../../shared/output/durations.ts'
import { newCommand, parseWords } from './command-line.ts'
import type { Console } from './console.ts'
import { exitCodes } from './exit-codes.ts'
import { endSession } from './log-in.ts'
import { MasterRefusal } from './master-refusal.ts'
import { dropSession, readSession, type SavedSession } from './session-file.ts'

/** @returns 0; where the master could not be told, the exit code of that */
export async function runLogout(words: readonly string[], console: Console): Promise<number> {
  const command = newCommand(
    'tsalt logout',
    '',
    'Ends the login of "tsalt login" on the master, and removes it here.',
    console,
  )
    .allowExcessArguments(false)
    .addHelpText('after', '\nExit codes: 0 ended, or there was none; 2 the master was not told.')
  parseWords(command, words)
  const session = readOrDrop(console)
  if (session === undefined) {
    console.out('Nobody is logged in.\n')
    return exitCodes.ok
  }
  dropSession(console.env)
  const ended = await tell(session, console)
  if (ended === undefined) {
    console.out(`${session.user} is logged out at ${session.api}.\n`)
    return exitCodes.ok
  }
  const { api, user, expire } = session
  console.err(
    `The login is forgotten here, but ${api} was not told, where it is good until ${localTime(expire)}:\n${describeError(ended)}\n` +
      `On the master: tsalt auth token list, and: tsalt auth token revoke ID (${user})\n`,
  )
  return ended instanceof TsaltError ? ended.exitCode : exitCodes.failed
}

/** @returns why the master was not told */
async function tell(session: SavedSession, console: Console): Promise<Error | undefined> {
  try {
    await endSession(session, console)
    return undefined
  } catch (error) {
    // It had ended before.
    if (error instanceof MasterRefusal && error.code === 'login-needed') return undefined
    return error instanceof Error ? error : new Error(String(error))
  }
}

/** A file that is no session is removed, too. @throws TsaltError `secret-file-loose`: its owner looks first */
function readOrDrop(console: Console): SavedSession | undefined {
  try {
    return readSession(console.env)
  } catch (error) {
    if (!(error instanceof TsaltError) || error.code !== 'session-file-unusable') throw error
    dropSession(console.env)
    return undefined
  }
}
