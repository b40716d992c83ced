/**
 * What an undo would do, without doing it: for each file, package, account, command, service and hold what it would
 * become again, or why it stays, and what keeps the undo from being begun at all because it is no longer as the job left it.
 */
import type { JobId } from '../../shared/ids.ts'
import type { FileInfo, Reader } from './reader.ts'
import { installedByJob, undoing } from './undo-decide.ts'
import type { UndoEntry } from './undo-entry.ts'
import { type FileEntry, isFileEntry, undoItems } from './undo-items.ts'
import type { UndoPlan } from './undo-journal.ts'
import { changedSince, isAsBefore } from './undo-restore.ts'
import { firstHolds, firstServices, madeServices } from './undo-services.ts'

export interface UndoStep {
  /** A path, `service nginx`, `package vim`, … */
  readonly what: string
  readonly kind: 'restored' | 'same' | 'left' | 'conflict'
  /** What it becomes, or why it stays. */
  readonly text: string
}

/**
 * @param later jobs after this one with the paths that they changed
 * @param options.purge of packages that the job installed, configuration and data go too
 */
export async function previewUndo(
  plan: UndoPlan,
  look: Reader,
  later: ReadonlyMap<JobId, ReadonlySet<string>>,
  options: { readonly purge?: boolean } = {},
): Promise<UndoStep[]> {
  const files = await fileSteps(plan.entries, look, later)
  const filesChange = files.some(({ kind }) => kind === 'restored')
  const others = await otherSteps(plan, look, options.purge ?? false)
  return [
    ...files,
    ...others.filter(({ kind }) => kind !== 'left'),
    ...(await holdSteps(plan, look)),
    ...(await serviceSteps(plan, look, filesChange)),
    ...others.filter(({ kind }) => kind === 'left'),
  ]
}

async function otherSteps(plan: UndoPlan, look: Reader, purge: boolean): Promise<UndoStep[]> {
  const items = undoItems(plan.entries)
  const packages = { purge, installed: installedByJob(items) }
  const steps = new Map<string, UndoStep>()
  for (const item of items) {
    if (item.kind === 'entry') continue
    const { decisions } = await undoing(item, look, packages)
    for (const decision of decisions) if (!steps.has(decision.what)) steps.set(decision.what, decision)
  }
  return [...steps.values()]
}

async function fileSteps(
  entries: readonly UndoEntry[],
  look: Reader,
  later: ReadonlyMap<JobId, ReadonlySet<string>>,
): Promise<UndoStep[]> {
  /** Path → its last change, which tells whether somebody was there since, and its first, which is what it becomes. */
  const paths = new Map<string, { last: FileEntry; first: FileEntry; at: number }>()
  for (const [index, entry] of entries.entries()) {
    if (!isFileEntry(entry)) continue
    const known = paths.get(entry.path)
    paths.set(entry.path, { last: entry, first: known?.first ?? entry, at: known?.at ?? index })
  }
  const removed = new Set<string>()
  const lastCommand = entries.findLastIndex(({ kind }) => kind === 'command')
  const steps: UndoStep[] = []
  for (const [path, { last, first, at }] of [...paths].sort(([, a], [, b]) => b.at - a.at)) {
    const step = await fileStep(path, first, look, { removed, emptied: at < lastCommand })
    const why = step.kind === 'same' ? undefined : await conflictOf(path, last, look, later)
    if (why !== undefined) {
      steps.push({ what: path, kind: 'conflict', text: why })
      continue
    }
    if (step.kind !== 'left' && (first.kind === 'absent' || first.kind === 'moved')) removed.add(path)
    steps.push(step)
  }
  return steps
}

async function conflictOf(
  path: string,
  last: FileEntry,
  look: Reader,
  later: ReadonlyMap<JobId, ReadonlySet<string>>,
): Promise<string | undefined> {
  const jobs = [...later].filter(([, changed]) => changed.has(path)).map(([jid]) => jid)
  const why = await changedSince(last, look)
  if (jobs.length > 0) return `it was changed since by the job ${jobs.join(', ')}`
  return why
}

async function fileStep(
  path: string,
  first: FileEntry,
  look: Reader,
  { removed, emptied }: { readonly removed: ReadonlySet<string>; readonly emptied: boolean },
): Promise<UndoStep> {
  const now = await look.files.info(path)
  const step = (kind: UndoStep['kind'], text: string): UndoStep => ({ what: path, kind, text })
  if (first.kind === 'absent') {
    if (!now) return step('same', 'it is gone already')
    if (now.type !== 'directory') return step('restored', 'removed: it was not there before')
    const others = (await look.files.list(path)).filter((name) => !removed.has(`${path}/${name}`))
    if (others.length > 0 && emptied)
      return step('restored', 'removed, unless it still holds something once commands are taken back')
    return others.length === 0
      ? step('restored', 'removed: it was not there before')
      : step('left', `it is not empty: ${others.slice(0, 3).join(', ')}${others.length > 3 ? ', …' : ''}`)
  }
  if (first.kind === 'symlink')
    return now?.type === 'symlink' && now.target === first.target
      ? step('same', 'it is as it was')
      : step('restored', `a link to ${first.target} again`)
  if (first.kind === 'moved')
    return now ? step('restored', `moved back to ${first.from}`) : step('left', 'it was removed since')
  if (first.kind === 'times')
    return now ? step('restored', 'its times of before again') : step('left', 'it was removed since')
  const attributes = `mode ${first.mode.toString(8).padStart(4, '0')}, owner ${first.uid}:${first.gid}`
  const sameAttributes = now !== undefined && sameOwner(now, first)
  if (first.kind === 'attributes') {
    if (!now) return step('left', 'it was removed since')
    return sameAttributes ? step('same', 'it is as it was') : step('restored', `${attributes} again`)
  }
  if (first.kind === 'directory')
    return now?.type === 'directory' && sameAttributes
      ? step('same', 'it is as it was')
      : step('restored', `a directory with ${attributes} again; what was in it is told apart`)
  return (await isAsBefore(first, look))
    ? step('same', 'it is as it was')
    : step('restored', `the content with the hash ${first.content.slice(0, 12)} again, ${attributes}`)
}

const sameOwner = (now: FileInfo, { mode, uid, gid }: { mode: number; uid: number; gid: number }): boolean =>
  now.mode === mode && now.uid === uid && now.gid === gid

async function holdSteps(plan: UndoPlan, look: Reader): Promise<UndoStep[]> {
  const before = firstHolds(plan.entries)
  if (before.size === 0) return []
  const installed = await look.packages.installed()
  return [...before].map(([name, held]): UndoStep => {
    const what = `hold of ${name}`
    if ((installed.get(name)?.held ?? false) === held) return { what, kind: 'same', text: 'it is as it was' }
    return { what, kind: 'restored', text: held ? 'held again' : 'no longer held' }
  })
}

async function serviceSteps(plan: UndoPlan, look: Reader, filesChange: boolean): Promise<UndoStep[]> {
  const before = firstServices(plan.entries)
  if (before.length === 0) return []
  const states = await look.services.states(before.map(({ name }) => name))
  const made = madeServices(plan.entries)
  return before.map(({ name, running, enabled, masked }): UndoStep => {
    const what = `service ${name}`
    const now = states.get(name)
    if (!now?.exists)
      return (running || enabled) && !made.has(name)
        ? { what, kind: 'left', text: 'it no longer exists' }
        : { what, kind: 'same', text: 'it is as it was' }
    const texts = [
      now.masked === masked ? '' : masked ? 'masked again' : 'no longer masked',
      now.enabled === enabled ? '' : enabled ? 'enabled again' : 'no longer enabled',
      now.running === running ? '' : running ? 'started' : 'stopped',
      now.running && running && filesChange ? 'restarted, as files are put back' : '',
    ].filter((text) => text !== '')
    return texts.length === 0
      ? { what, kind: 'same', text: 'it is as it was' }
      : { what, kind: 'restored', text: texts.join(', ') }
  })
}
