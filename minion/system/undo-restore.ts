/**
 * Puts back what a job changed, the last change first: services that were not running stop before anything, files,
 * packages, accounts and commands follow, and at the end come holds and services as they were.
 * What someone changed since, and what cannot be put back, is left and named.
 */

import { describeError } from '../../shared/errors/error.ts'
import type { Changer } from './changer.ts'
import type { Reader } from './reader.ts'
import { installedByJob, undoing } from './undo-decide.ts'
import type { UndoEntry } from './undo-entry.ts'
import { type FileEntry, type UndoItem, undoItems } from './undo-items.ts'
import type { UndoPlan } from './undo-journal.ts'
import { setIds } from './undo-record.ts'
import { quietServices, restoreServices } from './undo-services.ts'

export interface UndoReport {
  /** Paths and services that are again as they were. */
  readonly restored: readonly string[]
  /** What is not, and why. */
  readonly left: readonly { readonly what: string; readonly why: string }[]
}

export interface UndoOptions {
  /** Also where the content is no longer what the job wrote. */
  readonly force?: boolean
  /** Of packages that the job installed, configuration and data go too. */
  readonly purge?: boolean
}

type Left = UndoReport['left'][number]
type Kind<Name extends UndoEntry['kind']> = Extract<UndoEntry, { kind: Name }>

/** @param act of a job of its own, so that an undo can be undone */
export async function restore(plan: UndoPlan, act: Changer, options: UndoOptions = {}): Promise<UndoReport> {
  const items = undoItems(plan.entries)
  const packages = { purge: options.purge ?? false, installed: installedByJob(items) }
  const files = new FileUndo(plan, act, options.force ?? false)
  const restored = new Set<string>()
  const left: Left[] = []
  await quietServices(plan, act)
  for (const item of items) {
    if (item.kind === 'entry') await files.putBack(item.entry)
    else await takeBack(item)
  }
  const services = await restoreServices(plan, act, files.restored.size > 0)
  return {
    restored: [...files.restored, ...restored, ...services.restored],
    left: [...left, ...files.left, ...services.left],
  }

  async function takeBack(item: Exclude<UndoItem, { kind: 'entry' }>): Promise<void> {
    const { decisions, apply } = await undoing(item, act.look, packages)
    let failure: string | undefined
    try {
      await apply?.(act)
    } catch (error) {
      // The next one may still be put back; this one is named in the report.
      failure = describeError(error)
    }
    for (const { what, kind, text } of decisions) {
      if (kind === 'left') left.push({ what, why: text })
      else if (kind === 'restored' && failure !== undefined) left.push({ what, why: failure })
      else if (kind === 'restored') restored.add(what)
    }
  }
}

class FileUndo {
  readonly restored = new Set<string>()
  readonly left: Left[] = []
  readonly #refused = new Set<string>()
  readonly #touched = new Set<string>()
  readonly #plan: UndoPlan
  readonly #act: Changer
  readonly #force: boolean

  constructor(plan: UndoPlan, act: Changer, force: boolean) {
    this.#plan = plan
    this.#act = act
    this.#force = force
  }

  async putBack(entry: FileEntry): Promise<void> {
    if (this.#refused.has(entry.path)) return
    const known = this.#force || this.#touched.has(entry.path)
    const why = await restoreEntry(entry, this.#plan, this.#act, known)
    this.#touched.add(entry.path)
    if (why === undefined) this.restored.add(entry.path)
    else {
      this.#refused.add(entry.path)
      this.restored.delete(entry.path)
      this.left.push({ what: entry.path, why })
    }
  }
}

/** @returns why it was left as it is; undefined: done */
async function restoreEntry(
  entry: FileEntry,
  plan: UndoPlan,
  act: Changer,
  force: boolean,
): Promise<string | undefined> {
  try {
    if (!force) {
      // A change that was refused in the middle left what was there.
      if (entry.kind === 'file' && (await isAsBefore(entry, act.look))) return undefined
      const why = await changedSince(entry, act.look)
      if (why !== undefined) return why
    }
    return await putBack(entry, plan, act)
  } catch (error) {
    // One entry that cannot be put back must not keep the others from it.
    return describeError(error)
  }
}

/** The file of before is there, with its mode and owner. */
export async function isAsBefore(entry: Kind<'file'>, look: Reader): Promise<boolean> {
  const now = await look.files.info(entry.path)
  if (now?.type !== 'file') return false
  const { mode, uid, gid } = entry
  if (now.mode !== mode || now.uid !== uid || now.gid !== gid) return false
  return (await look.files.hash(entry.path)) === entry.content
}

/** @returns what tells that the path is no longer as the job left it */
export async function changedSince(entry: FileEntry, look: Reader): Promise<string | undefined> {
  if (entry.kind === 'directory' || entry.kind === 'times') return undefined
  if (entry.kind === 'moved') return otherMoved(entry, look)
  const now = await look.files.info(entry.path)
  if (entry.kind === 'attributes') return foreignContent(entry, look)
  if (entry.after === undefined) {
    const removed = entry.kind === 'file' && now !== undefined && now.type !== 'symlink'
    if (removed) return 'the job removed it, and something new is there'
    // It made a directory, a link, or nothing.
    return entry.kind !== 'file' && now?.type === 'file'
      ? 'a file is there, and the job made none'
      : undefined
  }
  if (!now) return entry.kind === 'absent' ? undefined : 'it was removed since'
  if (now.type !== 'file' || (await look.files.hash(entry.path)) !== entry.after)
    return 'it was changed since'
  return undefined
}

/** What is there is not the file that had set-user-id or set-group-id. */
async function foreignContent(entry: Kind<'attributes'>, look: Reader): Promise<string | undefined> {
  if ((entry.mode & setIds) === 0) return undefined
  const now = await look.files.info(entry.path)
  if (now?.type !== 'file' || (await look.files.hash(entry.path)) === entry.content) return undefined
  return 'it had the rights of its owner for everybody who runs it, and its content is another one now'
}

async function putBack(entry: FileEntry, plan: UndoPlan, act: Changer): Promise<string | undefined> {
  const { path } = entry
  if (entry.kind === 'absent') return removeMade(path, act)
  if (entry.kind === 'moved') return moveBack(entry, act)
  if (entry.kind === 'times') {
    if (!(await act.look.files.infoFollowed(path))) return 'it was removed since'
    await act.files.setTimes(path, entry)
    return undefined
  }
  if (entry.kind === 'symlink') {
    await act.files.symlink(path, entry.target, { user: entry.uid, group: entry.gid })
    return undefined
  }
  const owner = { user: entry.uid, group: entry.gid }
  if (entry.kind === 'file')
    await act.files.write(path, plan.image(entry.content), { ...owner, mode: entry.mode })
  else if (entry.kind === 'directory') await act.files.makeDirectory(path, { ...owner, mode: entry.mode })
  else if (await act.look.files.info(path)) {
    const why = await foreignContent(entry, act.look)
    // Whatever is wished for: that would be root's rights for somebody else's program.
    if (why !== undefined) return why
    await act.files.setOwner(path, owner)
    await act.files.setMode(path, entry.mode)
  } else return 'it was removed since'
  return undefined
}

/** Who may write where it was moved to could have something else brought to a place of root's. */
async function otherMoved({ path, identity }: Kind<'moved'>, look: Reader): Promise<string | undefined> {
  const now = await look.files.info(path)
  return now === undefined || now.identity === identity ? undefined : 'it was replaced since'
}

async function moveBack({ path, from }: Kind<'moved'>, act: Changer): Promise<string | undefined> {
  // A crash between the record and the change leaves it where it was.
  if (!(await act.look.files.info(path)))
    return (await act.look.files.info(from)) ? undefined : 'it was removed since'
  if (await act.look.files.info(from)) return `${from}, from where it was moved, is something new now`
  return (await act.files.move(path, from)) ? undefined : `${from} is on another file system now`
}

/** What others put into a directory of ours is not ours to remove. */
async function removeMade(path: string, act: Changer): Promise<string | undefined> {
  const now = await act.look.files.info(path)
  if (!now) return undefined
  if (now.type === 'directory') {
    const names = await act.look.files.list(path)
    if (names.length > 0)
      return `it is not empty: ${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''}`
  }
  await act.files.remove(path)
  return undefined
}
