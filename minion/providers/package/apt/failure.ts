/** Reads what apt-get and dpkg say when they fail, and makes an error of it that says what to do. */
import { TsaltError } from '../../../../shared/errors/error.ts'
import type { CommandResult } from '../../../system/reader.ts'

/**
 * The error that a failed apt-get run stands for.
 * @param manager how the command is called in it
 * @param unfinished packages that are neither installed nor gone now
 */
export function aptFailure(
  manager: string,
  result: CommandResult,
  unfinished: ReadonlySet<string> = new Set(),
): TsaltError {
  const said = `${result.stderr}\n${result.stdout}`.replaceAll(waiting, '')
  return (
    lockFailure(said) ??
    brokenFailure(said) ??
    nameFailure(said) ??
    otherFailure(manager, result, [...unfinished])
  )
}

/** What apt-get says while it waits for a lock, which it may get yet. */
const waiting = /Waiting for cache lock: [^\r\n]*/g

function lockFailure(said: string): TsaltError | undefined {
  const shape =
    /Could not get lock|Unable to acquire the dpkg frontend lock|is another process using it|lock (?:is|was) locked by another process/
  if (!shape.test(said)) return undefined
  const [, pid, program] =
    /held by process (\d+)(?: \(([^)]*)\))?/.exec(said) ??
    /by another process with pid (\d+)/.exec(said) ??
    []
  const holder = pid === undefined ? 'another program' : `${program || 'a program'} (process ${pid})`
  return new TsaltError('package-database-locked', { holder })
}

function brokenFailure(said: string): TsaltError | undefined {
  if (said.includes('dpkg was interrupted')) {
    return new TsaltError('package-database-broken', {
      reason: 'dpkg was interrupted and has unfinished packages.',
      remedy: 'dpkg --configure -a',
    })
  }
  if (/Unmet dependencies\. Try .*--fix-broken|you might want to run .*--fix-broken/i.test(said)) {
    return new TsaltError('package-database-broken', {
      reason: 'installed packages lack dependencies.',
      remedy: 'apt-get --fix-broken install',
    })
  }
  return undefined
}

function nameFailure(said: string): TsaltError | undefined {
  const missing =
    /E: Unable to locate package (\S+)/.exec(said) ??
    /E: Package '?([^\s']+)'? has no installation candidate/.exec(said)
  if (missing?.[1]) return new TsaltError('package-unknown', { name: missing[1] })
  const version = /E: Version '([^']+)' for '([^']+)' was not found/.exec(said)
  if (version?.[1] && version[2]) {
    return new TsaltError('package-version-unknown', {
      name: version[2],
      version: version[1],
      versions: 'see apt-cache policy',
    })
  }
  return undefined
}

function otherFailure(manager: string, result: CommandResult, unfinished: readonly string[]): TsaltError {
  const code = result.timedOut ? 'timed out' : result.code
  const reason = reasonOf(result)
  if (unfinished.length === 0) return new TsaltError('package-failed', { manager, code, reason })
  const left = `Not finished, neither installed nor gone: ${unfinished.join(', ')}`
  return new TsaltError(
    'package-failed',
    { manager, code, reason: `${reason}\n${left}` },
    {
      hint: `Mend what its script complains of, then: dpkg --configure -a. To give up: apt-get purge ${unfinished.join(' ')}.`,
    },
  )
}

const lastLines = 20

/** apt's own errors and warnings, and the end of what was said, where a maintainer script tells why it failed. */
function reasonOf({ stdout, stderr }: CommandResult): string {
  const errors = stderr.split('\n').filter((line) => line.trim() !== '')
  const tail = stdout
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-lastLines)
  const lines = /dpkg: error|Sub-process/.test(stderr)
    ? [...tail, ...errors]
    : errors.length > 0
      ? errors
      : tail
  return lines.length === 0 ? 'it said nothing' : lines.slice(-2 * lastLines).join('\n')
}
