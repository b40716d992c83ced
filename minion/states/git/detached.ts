/** git.detached: a clone at one revision, on no branch. */
import * as v from 'valibot'
import type { Plain } from '../../../shared/data/value.ts'
import { defaulted, needed } from '../../../shared/schema/argument.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { flag, nonEmptyText, text } from '../../../shared/schema/scalars.ts'
import type { Changer } from '../../system/changer.ts'
import type { Reader } from '../../system/reader.ts'
import {
  type Applied,
  type Decision,
  drift,
  failed,
  inSync,
  type StateRun,
  stateFunction,
} from '../contract.ts'
import { saidBy } from '../said-by.ts'
import { callerEntries } from './arguments.ts'
import {
  change,
  clone,
  gitStep,
  query,
  remoteRevision,
  requireGit,
  targetState,
  urlOf,
} from './repository.ts'

const args = v.strictObject({
  name: needed(nonEmptyText, 'Address of the repository.'),
  rev: needed(nonEmptyText, 'Branch, tag or commit; its commit is checked out.'),
  target: needed(absolutePath, 'Directory of the clone.'),
  remote: defaulted(nonEmptyText, 'origin', 'Name of the remote.'),
  ...callerEntries,
  force_clone: defaulted(flag, false, 'Replace a directory that is no repository.'),
  force_checkout: defaulted(flag, false, 'Discard uncommitted changes.'),
  fetch_remote: defaulted(flag, true, 'False: what is not in the clone yet is not fetched.'),
  hard_reset: defaulted(flag, false, 'Discard uncommitted changes also where the commit is right.'),
  submodules: defaulted(flag, false, 'Bring submodules up to date as well.'),
  password: defaulted(text, '', 'Accepted for trees of Salt, which means one of Windows.'),
})
type Arguments = v.InferOutput<typeof args>

export const detached = stateFunction({
  summary: 'Makes sure that a directory is a clone at one revision, on no branch.',
  args,
  examples: [
    'https://git.example.org/app.git:\n  git.detached:\n    - target: /srv/app\n    - rev: v1.2.0\n    - user: app\n',
  ],
  refuse: ({ name, rev, remote }) => {
    const dashed = Object.entries({ name, rev, remote }).find(([, value]) => value.startsWith('-'))
    return dashed
      ? { argument: dashed[0], reason: 'it begins with "-", which git would take for an option' }
      : undefined
  },
  check,
})

async function check(wanted: Arguments, look: Reader, run: StateRun): Promise<Decision> {
  const lacking = await requireGit(look, run)
  if (lacking) return lacking
  const { name, target, rev } = wanted
  const state = await targetState(target, look)
  if (state === 'other' && !wanted.force_clone)
    return failed(
      `Target '${target}' exists, is non-empty and is not a git repository`,
      "Set 'force_clone' to True to replace it.",
    )
  const commit = await wantedCommit(wanted, state === 'repository', look)
  if (typeof commit !== 'object')
    return failed(commit ?? `No revision matching '${rev}' exists in the remote repository`)
  if (state === 'repository') return update(wanted, commit.commit, look)
  const changes: Plain = { new: `${name} => ${target}`, HEAD: { old: null, new: commit.commit } }
  const comments = {
    would: `Repository ${name} would be cloned to ${target} and ${rev} checked out`,
    done: `${name} cloned to ${target}, and ${rev} checked out as ${commit.commit}`,
  }
  return drift(changes, comments, async (act) => {
    const words = ['--no-checkout', '--origin', wanted.remote, '--', urlOf(name, wanted)]
    const complaint = await clone(words, target, state === 'other', wanted, act)
    if (complaint !== undefined) return { ok: false, comment: `Clone failed: ${complaint}` }
    return inTurn([harmless(checkout(wanted, commit.commit, false)), ...submodules(wanted)], wanted, act)
  })
}

/** A commit that the clone has need not be asked for; branches and tags are what the remote says they are. */
async function wantedCommit(
  wanted: Arguments,
  isCloned: boolean,
  look: Reader,
): Promise<{ readonly commit: string } | string | undefined> {
  const { target, rev } = wanted
  const own = async (what: string): Promise<{ commit: string } | undefined> => {
    const words = ['-C', target, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${what}^{commit}`]
    const { code, stdout } = await query(words, wanted, look)
    return code === 0 ? { commit: stdout.trim() } : undefined
  }
  const isHash = /^[0-9a-f]{7,40}$/.test(rev)
  const known = isCloned && isHash ? await own(rev) : undefined
  if (known) return known
  if (isCloned && !wanted.fetch_remote)
    return (
      (await own(`refs/remotes/${wanted.remote}/${rev}`)) ??
      (await own(rev)) ??
      `The clone has no revision '${rev}', and fetch_remote is False`
    )
  const remote = await remoteRevision(urlOf(wanted.name, wanted), rev, wanted, look)
  return typeof remote === 'object' ? { commit: remote.commit } : remote
}

interface Step {
  readonly words: readonly string[]
  /** Absent: it cannot be taken back. */
  readonly back?: readonly (readonly string[])[]
}

/** What comes with the clone goes with it, and what is only fetched is in nobody's way. */
const harmless = (words: readonly string[]): Step => ({ words, back: [] })

const checkout = ({ target }: Arguments, commit: string, force: boolean): string[] => [
  ...['-C', target, 'checkout', '--detach'],
  ...(force ? ['--force'] : []),
  commit,
]

const submodules = ({ submodules: wanted, target }: Arguments): Step[] =>
  wanted ? [harmless(['-C', target, 'submodule', 'update', '--init', '--recursive'])] : []

async function inTurn(steps: readonly Step[], wanted: Arguments, act: Changer): Promise<Applied | undefined> {
  for (const { words, back } of steps) {
    const undo = back?.map((others) => gitStep(others, wanted))
    const complaint = await change(words, wanted, act, undo)
    if (complaint !== undefined)
      return { ok: false, comment: `git ${words.slice(2).join(' ')} failed: ${complaint}` }
  }
  return undefined
}

async function update(wanted: Arguments, commit: string, look: Reader): Promise<Decision> {
  const { target, remote } = wanted
  const ask = (...words: string[]) => query(['-C', target, ...words], wanted, look)
  const [head, branch, url, status] = [
    await ask('rev-parse', '--verify', '--quiet', 'HEAD'),
    await ask('symbolic-ref', '--quiet', 'HEAD'),
    await ask('config', '--get', `remote.${remote}.url`),
    await ask('status', '--porcelain', '--untracked-files=no'),
  ]
  if (status.code !== 0) return failed(`The repository ${target} cannot be read: ${saidBy(status)}`)
  const now = head.code === 0 ? head.stdout.trim() : null
  const wantedUrl = urlOf(wanted.name, wanted)
  const isDirty = status.stdout.trim() !== ''
  const moves = now !== commit
  const changes: Record<string, Plain> = {
    ...(url.stdout.trim() !== wantedUrl && {
      [`remotes/${remote}`]: {
        old: url.stdout.trim().replace(/\/\/[^/@]*@/, '//') || null,
        new: wanted.name,
      },
    }),
    ...(moves && { HEAD: { old: now, new: commit } }),
    ...(branch.code === 0 && {
      'local branch': { old: branch.stdout.trim().replace('refs/heads/', ''), new: null },
    }),
    ...(isDirty && wanted.hard_reset && { 'forced update': true }),
  }
  if (Object.keys(changes).length === 0) return inSync(`Already checked out at ${commit}, in a detached HEAD`)
  const force = wanted.force_checkout || wanted.hard_reset
  if (isDirty && moves && !force)
    return failed(
      `${target} has uncommitted changes`,
      "Set 'force_checkout' to True to discard them, or commit them.",
    )
  const comments = {
    would: `Repository ${target} would be checked out at ${commit}`,
    done: `HEAD has been detached at ${commit}`,
  }
  const at = ['-C', target]
  return drift(changes, comments, async (act) => {
    const before: Step[] = []
    const oldUrl = url.stdout.trim()
    if (oldUrl === '')
      before.push({
        words: [...at, 'remote', 'add', '--', remote, wantedUrl],
        back: [[...at, 'remote', 'remove', '--', remote]],
      })
    else if (oldUrl !== wantedUrl)
      before.push({
        words: [...at, 'remote', 'set-url', '--', remote, wantedUrl],
        back: [[...at, 'remote', 'set-url', '--', remote, oldUrl]],
      })
    const has = await query([...at, 'cat-file', '-e', `${commit}^{commit}`], wanted, look)
    if (has.code !== 0) before.push(harmless([...at, 'fetch', '--tags', '--force', '--', remote]))
    // What was not committed is discarded for good.
    const back =
      now === null || isDirty ? undefined : goBack(wanted, branch.code === 0 ? branch.stdout.trim() : '', now)
    const moved: Step = { words: checkout(wanted, commit, force && isDirty), ...(back && { back }) }
    return inTurn([...before, moved, ...submodules(wanted)], wanted, act)
  })
}

function goBack(wanted: Arguments, branch: string, commit: string): string[][] {
  const name = branch.replace('refs/heads/', '')
  return [name === '' ? checkout(wanted, commit, false) : ['-C', wanted.target, 'checkout', name, '--']]
}
