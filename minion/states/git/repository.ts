/** Calls of git: looking at a repository and its remote, without a prompt and with the keys of the state. */
import type { Changer, UndoStep } from '../../system/changer.ts'
import type { CommandOptions, CommandResult, Reader } from '../../system/reader.ts'
import { type Decision, failed, type StateRun, unknown } from '../contract.ts'
import { given } from '../given.ts'
import { saidBy } from '../said-by.ts'
import { shellQuoted } from '../shell-quoted.ts'

export interface Caller {
  readonly user?: string
  readonly identity?: readonly string[]
  readonly https_user?: string
  readonly https_pass?: string
}

/** Looking writes nothing: ssh keeps what it learns in the first of these files, and reads them all. */
const learnsNothing = " -o'UserKnownHostsFile=/dev/null ~/.ssh/known_hosts ~/.ssh/known_hosts2'"

/** A host key is learnt at the first connection that changes something, and must stay the same then; nothing asks. */
function options({ user, identity }: Caller, looks = false): CommandOptions {
  const keys = (identity ?? []).map((key) => `-i ${shellQuoted(key)}`).join(' ')
  const ssh = `ssh -oBatchMode=yes -oStrictHostKeyChecking=accept-new${looks ? learnsNothing : ''}${keys === '' ? '' : ` -oIdentitiesOnly=yes ${keys}`}`
  return given({
    runas: user,
    timeout: 3_600_000,
    env: { GIT_TERMINAL_PROMPT: '0', GIT_SSH_COMMAND: ssh, GIT_ASKPASS: '/bin/false' },
  })
}

export const query = (words: readonly string[], caller: Caller, look: Reader): Promise<CommandResult> =>
  look.commands.query(['git', ...words], options(caller, true))

/** @returns what git printed to complain; undefined: it worked */
export async function change(
  words: readonly string[],
  caller: Caller,
  act: Changer,
  undo?: readonly UndoStep[],
): Promise<string | undefined> {
  const how = undo === undefined ? options(caller) : { ...options(caller), undo }
  const { code, stdout, stderr } = await act.commands.run(['git', ...words], how)
  return code === 0 ? undefined : withoutPassword(saidBy({ code, stderr, stdout }), caller)
}

/** A call of git that takes another one back. */
export const gitStep = (words: readonly string[], caller: Caller): UndoStep => {
  const { runas, env } = options(caller)
  return { argv: ['git', ...words], ...(runas === undefined ? {} : { runas }), ...(env && { env }) }
}

const withoutPassword = (text: string, { https_pass }: Caller): string =>
  https_pass === undefined || https_pass === ''
    ? text
    : text.replaceAll(https_pass, '***').replaceAll(encodeURIComponent(https_pass), '***')

export function urlOf(name: string, { https_user, https_pass }: Caller): string {
  if (https_user === undefined || !name.startsWith('https://')) return name
  const secret = https_pass === undefined ? '' : `:${encodeURIComponent(https_pass)}`
  return name.replace('https://', `https://${encodeURIComponent(https_user)}${secret}@`)
}

/** @returns a decision where there is no git */
export async function requireGit(look: Reader, run: StateRun): Promise<Decision | undefined> {
  if ((await look.commands.which('git')) !== undefined) return undefined
  const bringer = run.test && run.predicted.find(({ state }) => state === 'pkg' || state === 'cmd')
  if (bringer)
    return unknown(`git is not installed yet; ${bringer.state}.${bringer.fun} ${bringer.id} may bring it`)
  return failed(
    'git is not installed',
    'Install it in an earlier state (pkg.installed: git), and require that.',
  )
}

export interface RemoteRevision {
  readonly kind: 'branch' | 'tag' | 'commit' | 'head'
  readonly commit: string
}

/** @returns what went wrong, as text; undefined: the remote has no such revision */
export async function remoteRevision(
  url: string,
  revision: string,
  caller: Caller,
  look: Reader,
): Promise<RemoteRevision | string | undefined> {
  const { code, stdout, stderr } = await query(['ls-remote', '--', url], caller, look)
  if (code !== 0)
    return `The remote repository cannot be read: ${withoutPassword(saidBy({ code, stderr }), caller)}`
  const references = new Map(stdout.split('\n').map((line) => line.split('\t').reverse() as [string, string]))
  const find = (name: string): string | undefined => references.get(name)
  const head = find('HEAD')
  if (revision === 'HEAD') return head === undefined ? undefined : { kind: 'head', commit: head }
  const branch = find(`refs/heads/${revision}`)
  if (branch !== undefined) return { kind: 'branch', commit: branch }
  const tag = find(`refs/tags/${revision}^{}`) ?? find(`refs/tags/${revision}`)
  if (tag !== undefined) return { kind: 'tag', commit: tag }
  return /^[0-9a-f]{40}$/.test(revision) ? { kind: 'commit', commit: revision } : undefined
}

/** What is in the directory. */
export async function targetState(
  target: string,
  look: Reader,
): Promise<'missing' | 'empty' | 'repository' | 'other'> {
  const info = await look.files.infoFollowed(target)
  if (!info) return 'missing'
  if (info.type !== 'directory') return 'other'
  const names = await look.files.list(target)
  if (names.length === 0) return 'empty'
  return names.includes('.git') || (names.includes('HEAD') && names.includes('objects'))
    ? 'repository'
    : 'other'
}

/** The directory belongs to the user before git fills it, so its parent need not. */
export async function clone(
  words: readonly string[],
  target: string,
  replace: boolean,
  caller: Caller,
  act: Changer,
): Promise<string | undefined> {
  if (replace) await act.files.remove(target)
  const owner =
    caller.user === undefined ? {} : { user: caller.user, ...(await groupOf(caller.user, act.look)) }
  if (!(await act.look.files.infoFollowed(target))) {
    const parent = target.replace(/\/[^/]+$/, '') || '/'
    if (!(await act.look.files.infoFollowed(parent)))
      await act.files.makeDirectory(parent, { mode: 0o755, parents: true })
    await act.files.makeDirectory(target, { ...owner, mode: 0o755 })
  }
  const argv = ['sh', '-c', emptyClone, 'sh', target]
  const undo: UndoStep = caller.user === undefined ? { argv } : { argv, runas: caller.user }
  return change(['clone', ...words, target], caller, act, [undo])
}

/** Only a working tree that holds nothing of somebody else's goes; the directory itself is the journal's. */
const emptyClone =
  'left=$(git -C "$1" status --porcelain --ignored) && test -z "$left" && find "$1" -mindepth 1 -delete'

async function groupOf(user: string, look: Reader): Promise<{ group?: number }> {
  const account = await look.accounts.user(user)
  return account ? { group: account.gid } : {}
}
