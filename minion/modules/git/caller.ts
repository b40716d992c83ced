/** What all functions of `git` share: every call begins in the repository and takes no option for a name. */
import { TsaltError } from '../../../shared/errors/error.ts'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { accountName, nonEmptyText, text } from '../../../shared/schema/scalars.ts'
import { type Caller, gitStep, query } from '../../states/git/repository.ts'
import type { UndoStep } from '../../system/changer.ts'
import type { Reader } from '../../system/reader.ts'
import type { ModuleContext } from '../contract.ts'

export const cwd = needed(absolutePath, 'The repository.')
export const user = optional(accountName, 'Account that git runs as.')
export const opts = defaulted(text, '', 'Further options of git, in one text.')
export const identity = optional(nonEmptyText, 'Private key for SSH.')

export type From = Pick<Caller, 'user'> & { readonly identity?: string | undefined }

export const callerOf = ({ user: account, identity: key }: From): Caller => ({
  ...(account === undefined ? {} : { user: account }),
  ...(key === undefined ? {} : { identity: [key] }),
})

export function plain(fun: string, ...names: readonly (string | undefined)[]): void {
  const wrong = names.find((name) => name?.startsWith('-'))
  if (wrong !== undefined)
    throw new TsaltError('function-failed', { fun, reason: `"${wrong}" would be an option` })
}

export const words = (given: string): string[] => given.split(/\s+/).filter((word) => word !== '')

export async function ask(
  fun: string,
  at: string,
  argv: readonly string[],
  from: From,
  look: Reader,
): Promise<string> {
  const { code, stdout, stderr } = await query(['-C', at, ...argv], callerOf(from), look)
  if (code !== 0) throw new TsaltError('function-failed', { fun, reason: stderr.trim() })
  return stdout.replace(/\n$/, '')
}

/** @param back absent: it cannot be taken back */
export async function change(
  fun: string,
  argv: readonly string[],
  from: From,
  { act }: ModuleContext,
  back?: readonly (readonly string[])[],
): Promise<string> {
  const caller = callerOf(from)
  const { argv: command, ...options } = gitStep(argv, caller)
  const undo: readonly UndoStep[] | undefined = back?.map((others) => gitStep(others, caller))
  const timeout = 3_600_000
  const { code, stdout, stderr } = await act.commands.run(command, {
    ...options,
    timeout,
    ...(undo ? { undo } : {}),
  })
  if (code !== 0) throw new TsaltError('function-failed', { fun, reason: (stderr || stdout).trim() })
  return (stdout || stderr).trim()
}

export const head = (at: string, from: From, look: Reader) =>
  ask('git', at, ['rev-parse', 'HEAD'], from, look)

export async function remotes(
  at: string,
  from: From,
  look: Reader,
): Promise<Map<string, { fetch: string; push: string }>> {
  const found = new Map<string, { fetch: string; push: string }>()
  for (const line of (await ask('git.remotes', at, ['remote', '-v'], from, look)).split('\n')) {
    const [, name, url = '', way] = /^(\S+)\t(.*) \((fetch|push)\)$/.exec(line) ?? []
    if (name === undefined) continue
    const now = found.get(name) ?? { fetch: '', push: '' }
    // As Salt shows it: a password in an address stays out.
    found.set(name, {
      ...now,
      [way as 'fetch' | 'push']: url.replace(/(:\/\/[^/@\s:]*):[^/@\s]+@/, '$1:<redacted>@'),
    })
  }
  return found
}

export const repository = { cwd, user }
