/** git.latest: a clone at the newest commit of a revision. */
import * as v from 'valibot'
import type { Plain } from '../../../shared/data/value.ts'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { absolutePath } from '../../../shared/schema/paths.ts'
import { choice, flag, nonEmptyText, readFlag } from '../../../shared/schema/scalars.ts'
import { Mismatch, shaped } from '../../../shared/schema/shaped.ts'
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
import { cloneEntries } from './arguments.ts'
import { harmless, inTurn, type Step } from './in-turn.ts'
import {
  clone,
  query,
  type RemoteRevision,
  remoteRevision,
  requireGit,
  targetState,
  urlOf,
} from './repository.ts'

const resetWords = choice(['remote-changes'])
const forceReset = shaped<boolean | 'remote-changes'>({
  words: 'True, False or `remote-changes`',
  json: { enum: [true, false, 'remote-changes'] },
  read: (value) => {
    if (v.is(resetWords, value)) return 'remote-changes'
    return readFlag(value) ?? new Mismatch('True, False or remote-changes is expected')
  },
})

const args = v.strictObject({
  name: needed(nonEmptyText, 'Address of the repository.'),
  target: needed(absolutePath, 'Directory of the clone.'),
  rev: defaulted(nonEmptyText, 'HEAD', 'Branch, tag or commit of the remote.'),
  branch: optional(nonEmptyText, 'Local branch that has to be checked out. Not given: the one that is.'),
  ...cloneEntries,
  update_head: defaulted(flag, true, 'False: fetch, but leave the working tree as it is.'),
  force_fetch: defaulted(flag, false, 'Fetch branches whose history was rewritten.'),
  force_reset: defaulted(
    forceReset,
    false,
    'True: discard uncommitted changes, and commits that the remote lacks; `remote-changes`: only where the remote has something new.',
  ),
  fetch_tags: defaulted(flag, true, 'False: do not fetch tags.'),
  sync_tags: defaulted(flag, true, 'Accepted for trees of Salt; tags that the remote lacks stay.'),
  force: optional(flag, 'Older name of force_clone.'),
  always_fetch: optional(flag, 'Accepted for trees of Salt; the remote is always asked.'),
})
type LatestArguments = v.InferOutput<typeof args>

export const latest = stateFunction({
  summary: 'Makes sure that a directory is a clone at the newest commit of a branch, or at a tag or commit.',
  args,
  examples: [
    'https://git.example.org/app.git:\n  git.latest:\n    - target: /srv/app\n    - rev: main\n    - user: app\n',
    'app at a tag:\n  git.latest:\n    - name: git@git.example.org:app.git\n    - target: /srv/app\n    - rev: v1.2.0\n    - identity: /root/.ssh/deploy\n    - force_reset: True\n',
  ],
  refuse: ({ name, rev, branch, remote, depth }) => {
    const dashed = Object.entries({ name, rev, branch, remote }).find(([, value]) => value?.startsWith('-'))
    if (dashed)
      return { argument: dashed[0], reason: 'it begins with "-", which git would take for an option' }
    return depth !== undefined && !/^[1-9]\d*$/.test(depth)
      ? { argument: 'depth', reason: 'a number of commits is expected' }
      : undefined
  },
  check,
})

const short = (commit: string): string => commit.slice(0, 7)

async function check(wanted: LatestArguments, look: Reader, run: StateRun): Promise<Decision> {
  const lacking = await requireGit(look, run)
  if (lacking) return lacking
  const { name, target, rev } = wanted
  const remote = await remoteRevision(urlOf(name, wanted), rev, wanted, look)
  if (typeof remote === 'string') return failed(remote)
  if (remote === undefined) return failed(`No revision matching '${rev}' exists in the remote repository`)
  const state = await targetState(target, look)
  if (state === 'repository') return update(wanted, remote, look)
  const force = wanted.force_clone || wanted.force === true
  if (state === 'other' && !force)
    return failed(
      `Target '${target}' exists, is non-empty and is not a git repository`,
      "Set 'force_clone' to True to replace it.",
    )
  const changes = { new: `${name} => ${target}`, revision: { old: null, new: remote.commit } }
  return drift(
    changes,
    { would: `Repository ${name} would be cloned to ${target}`, done: `${name} cloned to ${target}` },
    (act) => freshClone(wanted, remote, state === 'other', act),
  )
}

async function freshClone(
  wanted: LatestArguments,
  remote: RemoteRevision,
  replace: boolean,
  act: Changer,
): Promise<Applied | undefined> {
  const { target, rev, branch, depth } = wanted
  const named = remote.kind === 'branch' || remote.kind === 'tag' ? ['--branch', rev] : []
  const words = [
    ...(depth === undefined ? [] : ['--depth', depth]),
    '--origin',
    wanted.remote,
    ...named,
    '--',
    urlOf(wanted.name, wanted),
  ]
  const steps: readonly string[][] = [
    ...(remote.kind === 'commit' ? [['-C', target, 'reset', '--hard', remote.commit]] : []),
    ...(branch !== undefined && (branch !== rev || remote.kind !== 'branch')
      ? [['-C', target, 'checkout', '-B', branch]]
      : []),
    ...submodules(wanted),
  ]
  const complaint = await clone(words, target, replace, wanted, act)
  if (complaint !== undefined) return { ok: false, comment: `Clone failed: ${complaint}` }
  return inTurn(steps.map(harmless), wanted, act)
}

const submodules = ({ submodules: wanted, target }: LatestArguments): string[][] =>
  wanted ? [['-C', target, 'submodule', 'update', '--init', '--recursive']] : []

interface LocalState {
  readonly commit: string | undefined
  readonly branch: string
  readonly url: string
  readonly dirty: boolean
}

async function localState(
  { target, remote, ...caller }: LatestArguments,
  look: Reader,
): Promise<LocalState | string> {
  const ask = (...words: string[]) => query(['-C', target, ...words], caller, look)
  const head = await ask('rev-parse', 'HEAD')
  if (head.code !== 0 && !/unknown revision|ambiguous argument/.test(head.stderr)) return head.stderr.trim()
  const [branch, url, status] = [
    await ask('rev-parse', '--abbrev-ref', 'HEAD'),
    await ask('config', '--get', `remote.${remote}.url`),
    await ask('status', '--porcelain', '--untracked-files=no'),
  ]
  return {
    commit: head.code === 0 ? head.stdout.trim() : undefined,
    branch: branch.stdout.trim(),
    url: url.stdout.trim(),
    dirty: status.stdout.trim() !== '',
  }
}

async function update(wanted: LatestArguments, remote: RemoteRevision, look: Reader): Promise<Decision> {
  const { target, branch } = wanted
  const local = await localState(wanted, look)
  if (typeof local === 'string') return failed(`The repository ${target} cannot be read: ${local}`)
  const changes: Record<string, Plain> = {}
  const url = urlOf(wanted.name, wanted)
  if (local.url !== url)
    changes[`remotes/${wanted.remote}`] = {
      old: local.url === '' ? null : shownUrl(local.url),
      new: wanted.name,
    }
  const moves = wanted.update_head && local.commit !== remote.commit
  if (moves) changes.revision = { old: local.commit ?? null, new: remote.commit }
  const switches = branch !== undefined && branch !== local.branch
  if (switches) changes['local branch'] = { old: local.branch, new: branch }
  const discards = local.dirty && wanted.force_reset === true
  if (discards) changes['forced update'] = true
  if (Object.keys(changes).length === 0) return inSync(`Repository ${target} is up-to-date`)
  const obstacle = dirtyObstacle(wanted, local, remote, { moves, switches })
  if (obstacle !== undefined)
    return failed(
      obstacle,
      "Set 'force_reset' to True to force this update and discard these changes, or commit them.",
    )
  const about = moves
    ? ` would be updated from ${short(local.commit ?? 'nothing')} to ${short(remote.commit)}`
    : ' would be updated'
  const comments = {
    would: `Repository ${target}${about}`,
    done: moves
      ? `Repository was updated from ${short(local.commit ?? 'nothing')} to ${short(remote.commit)}`
      : `Repository ${target} was updated`,
  }
  return drift(changes, comments, (act) =>
    applyUpdate(wanted, { local, remote, moves, switches, url, discards }, act),
  )
}

/** A password in the address stays out of what is told. */
const shownUrl = (url: string): string => url.replace(/\/\/[^/@]*@/, '//')

function dirtyObstacle(
  { force_reset, force_checkout }: LatestArguments,
  local: LocalState,
  remote: RemoteRevision,
  { moves, switches }: { moves: boolean; switches: boolean },
): string | undefined {
  if (!local.dirty) return undefined
  if (moves && force_reset === false)
    return `Repository would be updated from ${short(local.commit ?? '')} to ${short(remote.commit)}, but there are uncommitted changes`
  return switches && !force_checkout && force_reset !== true
    ? 'Another local branch would be checked out, but there are uncommitted changes'
    : undefined
}

interface Update {
  readonly local: LocalState
  readonly remote: RemoteRevision
  readonly moves: boolean
  readonly switches: boolean
  readonly discards: boolean
  readonly url: string
}

async function applyUpdate(
  wanted: LatestArguments,
  { local, remote, moves, switches, discards, url }: Update,
  act: Changer,
): Promise<Applied | undefined> {
  const at = ['-C', wanted.target]
  const before: Step[] = []
  if (local.url === '')
    before.push({
      words: [...at, 'remote', 'add', '--', wanted.remote, url],
      back: [[...at, 'remote', 'remove', '--', wanted.remote]],
    })
  else if (local.url !== url)
    before.push({
      words: [...at, 'remote', 'set-url', '--', wanted.remote, url],
      back: [[...at, 'remote', 'set-url', '--', wanted.remote, local.url]],
    })
  const fetching = [
    ...(wanted.force_fetch ? ['--force'] : []),
    ...(wanted.fetch_tags ? ['--tags'] : []),
    ...(wanted.depth === undefined ? [] : ['--depth', wanted.depth]),
  ]
  before.push(harmless([...at, 'fetch', ...fetching, '--', wanted.remote]))
  const prepared = await inTurn(before, wanted, act)
  if (prepared) return prepared
  const after: Step[] = []
  // `--keep`: what somebody edited since is not discarded.
  const reset = local.commit === undefined ? undefined : [...at, 'reset', '--keep', local.commit]
  const force = wanted.force_reset !== false
  if (moves && !force && local.commit !== undefined) {
    const ancestor = await query(
      [...at, 'merge-base', '--is-ancestor', local.commit, remote.commit],
      wanted,
      act.look,
    )
    if (ancestor.code !== 0)
      return {
        ok: false,
        changes: {},
        comment: `Repository would be updated from ${short(local.commit)} to ${short(remote.commit)}, but this is not a fast-forward merge. Set 'force_reset' to True to force this update.`,
      }
  }
  if (switches)
    after.push({
      words: [
        ...at,
        'checkout',
        ...(wanted.force_checkout || discards ? ['--force'] : []),
        '-B',
        wanted.branch ?? '',
        moves ? remote.commit : 'HEAD',
      ],
      ...(local.branch === 'HEAD' || local.dirty ? {} : { back: [[...at, 'checkout', local.branch, '--']] }),
    })
  if (moves && !switches)
    after.push({
      words: force ? [...at, 'reset', '--hard', remote.commit] : [...at, 'merge', '--ff-only', remote.commit],
      ...(reset === undefined || local.dirty ? {} : { back: [reset] }),
    })
  else if (discards) after.push({ words: [...at, 'reset', '--hard', 'HEAD'] })
  return inTurn([...after, ...submodules(wanted).map(harmless)], wanted, act)
}
