/** What has to happen to one regular file so that it has this content, owner and mode. */
import type { Changer, WriteOptions } from '../../system/changer.ts'
import type { FileInfo, Reader } from '../../system/reader.ts'
import type { StateRun } from '../contract.ts'
import { given } from '../given.ts'
import { type Attributes, applyAttributes, attributeChanges, newEntryAttributes } from './attributes.ts'
import { describeContentChange, hiddenDiff, largestDiff, tooLarge } from './content-diff.ts'

export interface FileWish {
  readonly path: string
  /** What is there now; undefined: nothing, or something that the file replaces. */
  readonly info: FileInfo | undefined
  /** undefined: the content stays as it is. */
  readonly content: Uint8Array | undefined
  readonly attributes: Attributes
  readonly showChanges: boolean
  readonly checkCommand?: string | undefined
  readonly checkCopy?: WriteOptions['checkCopy']
  readonly backupTo?: string | undefined
}

export interface FilePlan {
  readonly changes: Readonly<Record<string, string>>
  apply(act: Changer): Promise<void>
}

/** One entry of several that differ. */
export interface EntryPlan extends FilePlan {
  readonly path: string
}

/** @returns undefined where the file is as wished */
export async function planFile(wish: FileWish, look: Reader): Promise<FilePlan | undefined> {
  const diff = await contentChange(wish, look)
  const attributes = wish.info
    ? attributeChanges(wish.info, wish.attributes)
    : newEntryAttributes(wish.attributes)
  if (diff === undefined) {
    if (Object.keys(attributes).length === 0) return undefined
    return {
      changes: attributes,
      apply: (act) => applyAttributes(wish.path, wish.attributes, attributes, act),
    }
  }
  const content = wish.content ?? new Uint8Array()
  const options: WriteOptions = given({
    ...wish.attributes,
    checkCommand: wish.checkCommand,
    checkCopy: wish.checkCopy,
    backupTo: wish.info ? wish.backupTo : undefined,
  })
  return {
    changes: { diff: wish.showChanges ? diff : hiddenDiff, ...attributes },
    apply: (act) => act.files.write(wish.path, content, options),
  }
}

async function contentChange(wish: FileWish, look: Reader): Promise<string | undefined> {
  const { info, content, path } = wish
  if (!info) return describeContentChange(undefined, content ?? new Uint8Array())
  if (!content) return undefined
  if (info.size > largestDiff) {
    const same = info.size === content.length && (await isSameHash(path, content, look))
    return same ? undefined : tooLarge(info.size, content.length)
  }
  const before = await look.files.read(path)
  return Buffer.compare(before, content) === 0 ? undefined : describeContentChange(before, content)
}

async function isSameHash(path: string, content: Uint8Array, look: Reader): Promise<boolean> {
  const { createHash } = await import('node:crypto')
  return (await look.files.hash(path)) === createHash('sha256').update(content).digest('hex')
}

/** Where replaced files are kept, as `backup` of the state or `backup_mode` of the minion says. */
export function backupFolder(backup: string | undefined, run: StateRun): string | undefined {
  const chosen = backup ?? run.backupMode ?? ''
  if (chosen !== 'minion' && chosen !== 'both') return undefined
  return `${run.cachedir ?? '/var/cache/tsalt/minion'}/file_backup`
}
