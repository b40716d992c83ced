/** Reads what dnf, yum and zypper say when they fail, and makes an error of it that says what to do. */
import { TsaltError } from '../../../../shared/errors/error.ts'
import type { CommandResult } from '../../../system/reader.ts'

const lastLines = 30

/** @param manager how the command is called in the error */
export function rpmFailure(manager: string, result: CommandResult): TsaltError {
  const said = `${result.stderr}\n${result.stdout}`
  const missing = /No match for argument: (\S+)|'([^']+)' not found in package names/.exec(said)
  const name = missing?.[1] ?? missing?.[2]
  if (name) return new TsaltError('package-unknown', { name })
  const lock = /(?:application|process|app(?:lication)?) with pid (\d+)(?: \(([^)]*)\))?/i.exec(said)
  if (lock && /lock/i.test(said))
    return new TsaltError('package-database-locked', {
      holder: `${lock[2] || 'a program'} (process ${lock[1]})`,
    })
  const unsigned = /do not have any GPG public keys installed[\s\S]*Problem repository: \[?([^\]\n]+)/.exec(
    said,
  )
  if (unsigned)
    return new TsaltError(
      'package-failed',
      {
        manager,
        code: result.code,
        reason: `the repository ${unsigned[1]} checks signatures, and no key for it is here`,
      },
      { hint: 'Give "gpgkey" in pkgrepo.managed, or import its key: rpm --import.' },
    )
  if (/No such command: versionlock/.test(said))
    return new TsaltError(
      'package-failed',
      { manager, code: result.code, reason: 'dnf has no plug-in that holds packages' },
      { hint: 'Install it: python3-dnf-plugin-versionlock, on older systems yum-plugin-versionlock.' },
    )
  // What is wrong stands in the stream of errors; the other one has tables, and dumps of configuration.
  const lines =
    [result.stderr, result.stdout]
      .map((text) =>
        text.split('\n').filter((line) => line.trim() !== '' && !/^Unable to detect release/.test(line)),
      )
      .find((some) => some.length > 0) ?? []
  return new TsaltError('package-failed', {
    manager,
    code: result.timedOut ? 'timed out' : result.code,
    reason: lines.length === 0 ? 'it said nothing' : lines.slice(-lastLines).join('\n'),
  })
}
