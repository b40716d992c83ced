/** Runs commands: argv or a shell line, as a user, with a clean environment, in a process group that ends. */
import * as fs from 'node:fs'
import { isAbsolute } from 'node:path'
import { TsaltError } from '../../shared/errors/error.ts'
import { type GroupResult, runGroup } from '../../shared/process-group.ts'
import type { AccountFiles } from './account-files.ts'
import { type CommandIdentity, commandIdentity, standardPath } from './command-identity.ts'
import { errno } from './file-errors.ts'
import type { CommandOptions, CommandResult } from './reader.ts'
import { setVariables } from './set-variables.ts'

/** A bound way to run commands, as providers get it. */
export type RunCommand = (
  command: string | readonly string[],
  options?: CommandOptions,
) => Promise<CommandResult>

const defaultMaxOutput = 1_048_576

/**
 * @returns a runner whose commands end when `signal` aborts (reason 'KILL': at once with SIGKILL). It throws
 * TsaltError `job-killed`, `command-user-unknown`, `command-needs-root`, `command-directory-missing`,
 * `command-not-started`; a program that does not exist is code 127, one that may not be run 126.
 */
export function commandRunner(
  accounts: AccountFiles,
  signal?: AbortSignal,
  maxOutput = defaultMaxOutput,
): RunCommand {
  return (command, options = {}) => runCommand(command, { maxOutput, ...options }, accounts, signal)
}

async function runCommand(
  command: string | readonly string[],
  options: CommandOptions,
  accounts: AccountFiles,
  signal: AbortSignal | undefined,
): Promise<CommandResult> {
  const argv = typeof command === 'string' ? [options.shell ?? '/bin/sh', '-c', command] : command
  const shown = shownCommand(command)
  if (signal?.aborted) throw new TsaltError('job-killed', { doing: shown })
  const cwd = checkDirectory(shown, options.cwd ?? '/')
  const identity = await commandIdentity(shown, options, accounts)
  const env = {
    PATH: standardPath,
    LANG: 'C.UTF-8',
    ...identity.environment,
    ...setVariables(),
    ...options.env,
  }
  const program = findProgram(argv[0] ?? '', env.PATH, cwd)
  if (program === undefined) return notFound(argv[0] ?? '')
  const result = await start(shown, [program, ...argv.slice(1)], options, identity, { cwd, env, signal })
  if ('aborted' in result && result.aborted) throw new TsaltError('job-killed', { doing: shown })
  const { code, stdout, stderr, pid, timedOut, dropped } = result
  return { code, stdout, stderr, pid, timedOut, dropped }
}

interface Surroundings {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly signal: AbortSignal | undefined
}

async function start(
  shown: string,
  argv: readonly string[],
  options: CommandOptions,
  identity: CommandIdentity,
  { cwd, env, signal }: Surroundings,
): Promise<GroupResult | CommandResult> {
  try {
    return await runGroup(withGroups(argv, identity), {
      cwd,
      env,
      signal,
      ...ownIds(identity),
      umask: options.umask,
      stdinContent: options.stdin,
      timeout: options.timeout,
      maxOutput: options.maxOutput ?? defaultMaxOutput,
    })
  } catch (error) {
    const code = errno(error)
    if (code === 'ENOENT') return notFound(argv[0] ?? '')
    if (code === 'EACCES' || code === 'ENOEXEC') return refused(argv[0] ?? '', code)
    throw new TsaltError('command-not-started', { command: shown, reason: String(error) }, { cause: error })
  }
}

const setpriv = ['/usr/bin/setpriv', '/bin/setpriv']

/**
 * Node.js clears the supplementary groups of a child with another uid. Where the user has some, `setpriv` of
 * util-linux sets all ids and executes the command; elsewhere the child gets its ids from spawn.
 */
function withGroups(argv: readonly string[], identity: CommandIdentity): readonly string[] {
  const { ids } = identity
  const program = groupSetter(identity)
  if (!ids || program === undefined) return argv
  const groups = [ids.gid, ...ids.groups].join(',')
  return [program, `--reuid=${ids.uid}`, `--regid=${ids.gid}`, `--groups=${groups}`, '--', ...argv]
}

function groupSetter({ ids }: CommandIdentity): string | undefined {
  return ids && ids.groups.length > 0 ? setpriv.find((path) => fs.existsSync(path)) : undefined
}

function ownIds(identity: CommandIdentity): { uid?: number; gid?: number } {
  const { ids } = identity
  if (!ids || groupSetter(identity) !== undefined) return {}
  return { uid: ids.uid, gid: ids.gid }
}

function checkDirectory(shown: string, directory: string): string {
  const reason = !isAbsolute(directory)
    ? 'it is not an absolute path'
    : isDirectory(directory)
      ? undefined
      : 'it is not a directory, or does not exist'
  if (reason === undefined) return directory
  throw new TsaltError('command-directory-missing', { command: shown, directory, reason })
}

function isDirectory(path: string): boolean {
  try {
    return fs.statSync(path).isDirectory()
  } catch {
    // Missing, or in a place that this process may not see.
    return false
  }
}

function notFound(program: string): CommandResult {
  const stderr = `${program}: command not found\n`
  return { code: 127, stdout: '', stderr, pid: 0, timedOut: false, dropped: 0 }
}

function refused(program: string, code: string): CommandResult {
  const reason = code === 'EACCES' ? 'permission denied' : 'not an executable format'
  return { code: 126, stdout: '', stderr: `${program}: ${reason}\n`, pid: 0, timedOut: false, dropped: 0 }
}

/** Absolute path of a program, found as execvp does; one with a slash is taken as it is. */
export function findProgram(program: string, path = standardPath, cwd = '/'): string | undefined {
  if (program === '' || program.includes('\0')) return undefined
  if (program.includes('/')) return isAbsolute(program) ? program : `${cwd}/${program}`
  return path
    .split(':')
    .filter((directory) => directory.startsWith('/'))
    .map((directory) => `${directory}/${program}`)
    .find(isProgram)
}

function isProgram(path: string): boolean {
  try {
    fs.accessSync(path, fs.constants.X_OK)
    return fs.statSync(path).isFile()
  } catch {
    // Missing or not executable here: the next directory is asked.
    return false
  }
}

/** A command as errors and journals show it, in one line of at most 200 characters, without passwords of addresses. */
export function shownCommand(command: string | readonly string[]): string {
  const line = (typeof command === 'string' ? command : command.join(' ')).replace(/\s+/g, ' ').trim()
  const text = line.replace(/(:\/\/[^/@\s:]*):[^/@\s]+@/g, '$1:***@')
  return text.length > 200 ? `${text.slice(0, 199)}…` : text
}

/** One word of a POSIX shell line. */
export function shellQuoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
