/** One file of file.recurse: what it differs in, without fetching what has the right digest already. */
import { join } from 'node:path'
import type { FileInfo, Reader, TreeFile } from '../../system/reader.ts'
import type { StateRun } from '../contract.ts'
import { ownership } from './attributes.ts'
import { backupFolder, type EntryPlan, planFile } from './content-plan.ts'
import type { RecurseArguments } from './recurse-arguments.ts'
import { renderText } from './render-source.ts'

type FilePlanned = EntryPlan | { readonly failed: string } | undefined

export async function planTreeFile(
  file: TreeFile,
  source: string,
  wanted: RecurseArguments,
  look: Reader,
  run: StateRun,
): Promise<FilePlanned> {
  const path = join(wanted.name, file.path)
  const entry = await look.files.info(path)
  if (file.target !== undefined && wanted.keep_symlinks) return planLink(path, file.target, entry, wanted)
  const info = entry?.type === 'symlink' ? undefined : entry
  if (info && info.type !== 'file') return { failed: `${path} is a ${info.type}, not a file` }
  const content = await newContent(file, `${source}/${file.path}`, info, path, wanted, look, run)
  const plan = await planFile(
    {
      path,
      info,
      content,
      attributes: {
        user: wanted.user,
        group: wanted.group,
        mode: wanted.file_mode === 'keep' ? file.mode : wanted.file_mode,
      },
      showChanges: wanted.show_changes,
      backupTo: backupFolder(wanted.backup, run),
    },
    look,
  )
  return plan && { path, ...plan }
}

/** undefined: the content on the machine stays. */
async function newContent(
  file: TreeFile,
  url: string,
  info: FileInfo | undefined,
  path: string,
  wanted: RecurseArguments,
  look: Reader,
  run: StateRun,
): Promise<Uint8Array | undefined> {
  if (info && !wanted.replace) return undefined
  if (
    wanted.template === undefined &&
    info?.size === file.size &&
    (await look.files.hash(path)) === file.sha256
  )
    return undefined
  const { content } = await look.sources.fetch(url, run.environment)
  if (wanted.template === undefined) return content
  const { user, group, file_mode: mode } = wanted
  const about = { name: path, source: url, user, group, mode }
  return Buffer.from(
    await renderText(Buffer.from(content).toString('utf8'), url, wanted, look, run, about),
    'utf8',
  )
}

function planLink(
  path: string,
  target: string,
  entry: FileInfo | undefined,
  wanted: RecurseArguments,
): FilePlanned {
  if (entry?.type === 'symlink' && entry.target === target) return undefined
  if (entry && entry.type !== 'symlink' && !wanted.force_symlinks)
    return { failed: `File exists where the symlink ${path} should be` }
  return {
    path,
    changes: { new: path },
    async apply(act) {
      if (entry && entry.type !== 'symlink') await act.files.remove(path)
      await act.files.symlink(path, target, ownership(wanted))
    },
  }
}
