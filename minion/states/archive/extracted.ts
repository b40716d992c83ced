/** archive.extracted: the content of an archive in a directory. */
import { createHash } from 'node:crypto'
import { basename, dirname, posix } from 'node:path'
import type { Plain } from '../../../shared/data/value.ts'
import { TsaltError } from '../../../shared/errors/error.ts'
import type { Changer } from '../../system/changer.ts'
import type { FileInfo, Reader } from '../../system/reader.ts'
import { type Decision, drift, failed, inSync, type StateRun, stateFunction, unknown } from '../contract.ts'
import { attributeChanges, missingAccounts, ownership } from '../file/attributes.ts'
import { fetchSource } from '../file/fetch-source.ts'
import { checkDigest, type Digest, resolveDigest } from '../file/source-hash.ts'
import { type ExtractedArguments, extractedArguments, refuse, stripOf } from './arguments.ts'
import type { ArchiveEntry } from './entry.ts'
import { formatOf, openArchive } from './open.ts'

export const extracted = stateFunction({
  summary: 'Makes sure that the content of an archive is in a directory.',
  args: extractedArguments,
  examples: [
    '/opt/exporter:\n  archive.extracted:\n    - source: salt://monitoring/exporter-1.2.tar.gz\n    - strip: 1\n    - enforce_toplevel: False\n    - user: root\n',
    '/srv/www:\n  archive.extracted:\n    - source: salt://www/site.zip\n    - if_missing: /srv/www/site/index.html\n',
  ],
  refuse,
  check,
})

async function check(wanted: ExtractedArguments, look: Reader, run: StateRun): Promise<Decision> {
  const { name, source, if_missing: marker } = wanted
  if (marker !== undefined && (await look.files.info(marker))) return inSync(`Path ${marker} exists`)
  const accounts = await missingAccounts(wanted, look, run)
  if (accounts !== undefined) return failed(accounts)
  if (
    source.startsWith('/') &&
    !(await look.files.infoFollowed(source)) &&
    run.test &&
    run.predicted.length > 0
  )
    return unknown(`the archive ${source} does not exist yet; an earlier state may make it`)
  const digest = await expectedDigest(wanted, look, run)
  if (typeof digest === 'string') return failed(digest)
  const found = await fetchSource(source, look, run, digest)
  const complaint = digest && checkDigest(digest, source, found)
  if (complaint !== undefined) return failed(complaint)
  const entries = await openArchive(
    {
      archive: source,
      content: found.content,
      format: wanted.archive_format ?? formatOf(source) ?? 'tar',
      strip: stripOf(wanted),
    },
    look,
  )
  const tops = [...new Set(entries.map(({ path }) => path.split('/')[0] ?? ''))]
  if (wanted.enforce_toplevel && isBomb(entries, tops))
    return failed(bombComment(wanted), 'Give "enforce_toplevel: False", or a directory of its own as "name".')
  const plan = await compare(wanted, entries, look)
  if (typeof plan === 'string') return failed(plan, 'Give "force: True" to replace it.')
  if (plan.missing.length === 0 && plan.owned.length === 0)
    return inSync('All files in archive are already present')
  const directory = await look.files.infoFollowed(name)
  const changes: Record<string, Plain> = {
    ...(!directory && { directories_created: [name] }),
    ...(plan.missing.length > 0 && { extracted_files: plan.missing.map(({ path }) => path) }),
    ...(plan.owned.length > 0 && { 'updated ownership': plan.owned.map(({ path }) => path) }),
  }
  const cleaned = wanted.clean && plan.missing.length > 0 ? await present(name, tops, look) : []
  if (cleaned.length > 0) changes.removed = cleaned
  const comments = {
    would: `Archive ${source} would be extracted to ${name}`,
    done:
      plan.missing.length > 0
        ? `${source} extracted to ${name}`
        : `Ownership of the files of ${source} corrected`,
  }
  return drift(changes, comments, (act) =>
    apply(wanted, cleaned.length > 0 ? entries : plan.missing, { ...plan, cleaned }, act),
  )
}

const isBomb = (entries: readonly ArchiveEntry[], tops: readonly string[]): boolean =>
  tops.length > 1 || entries.some(({ type, path }) => type !== 'directory' && !path.includes('/'))

const bombComment = ({ source, name }: ExtractedArguments): string =>
  `Archive does not have a single top-level directory. To allow ${source} to be extracted into ${name}, set 'enforce_toplevel' to False.`

/** @returns what is wrong, as text; undefined: the archive is taken as it is */
async function expectedDigest(
  { source, source_hash, source_hash_name, skip_verify }: ExtractedArguments,
  look: Reader,
  run: StateRun,
): Promise<Digest | string | undefined> {
  if (source_hash === undefined || skip_verify) return undefined
  const names = { given: source_hash_name ?? basename(source.replace(/[?#].*$/, '')), others: [source] }
  return resolveDigest(source_hash, names, async (list) =>
    Buffer.from((await fetchSource(list, look, run)).content).toString('utf8'),
  )
}

interface Plan {
  readonly missing: readonly ArchiveEntry[]
  /** There, but of another owner. */
  readonly owned: readonly ArchiveEntry[]
}

/** @returns a complaint where something of another kind stands in the way */
async function compare(
  wanted: ExtractedArguments,
  entries: readonly ArchiveEntry[],
  look: Reader,
): Promise<Plan | string> {
  const missing: ArchiveEntry[] = []
  const owned: ArchiveEntry[] = []
  for (const entry of entries) {
    const path = `${wanted.name}/${entry.path}`
    await refuseLinks(wanted, entry, look)
    const info = await look.files.info(path)
    if (info && info.type !== entry.type && !wanted.force)
      return `${path} is a ${info.type}, and in the archive a ${entry.type}`
    if (!info || (await differs(wanted, entry, path, info, look))) missing.push(entry)
    else if (Object.keys(attributeChanges(info, { user: wanted.user, group: wanted.group })).length > 0)
      owned.push(entry)
  }
  return { missing, owned }
}

async function differs(
  { overwrite, source_hash_update }: ExtractedArguments,
  entry: ArchiveEntry,
  path: string,
  info: FileInfo,
  look: Reader,
): Promise<boolean> {
  if (info.type !== entry.type) return true
  if (!overwrite && !source_hash_update) return false
  if (entry.type === 'symlink') return info.target !== entry.target
  if (entry.type === 'directory') return false
  return (
    info.size !== entry.content.length ||
    (await look.files.hash(path)) !== createHash('sha256').update(entry.content).digest('hex')
  )
}

/** A link on the way, put there by somebody else, would lead what is written to another place. */
async function refuseLinks(
  { name, source }: ExtractedArguments,
  { path }: ArchiveEntry,
  look: Reader,
): Promise<void> {
  for (let parent = posix.dirname(path); parent !== '.'; parent = posix.dirname(parent)) {
    const info = await look.files.info(`${name}/${parent}`)
    if (info?.type === 'symlink')
      throw new TsaltError('archive-unsafe', {
        archive: source,
        entry: path,
        reason: `would be written through the link ${name}/${parent}`,
      })
  }
}

async function present(name: string, tops: readonly string[], look: Reader): Promise<string[]> {
  const found: string[] = []
  for (const top of tops) if (await look.files.info(`${name}/${top}`)) found.push(`${name}/${top}`)
  return found
}

async function apply(
  wanted: ExtractedArguments,
  entries: readonly ArchiveEntry[],
  { owned, cleaned }: Plan & { readonly cleaned: readonly string[] },
  act: Changer,
): Promise<void> {
  const { name } = wanted
  const owner = ownership(wanted)
  for (const path of cleaned) await act.files.remove(path)
  if (!(await act.look.files.infoFollowed(name)))
    await act.files.makeDirectory(name, { ...owner, mode: 0o755, parents: true })
  for (const entry of entries) {
    act.signal.throwIfAborted()
    await extract(wanted, entry, owner, act)
  }
  for (const { path } of owned) await act.files.setOwner(`${name}/${path}`, owner)
}

async function extract(
  wanted: ExtractedArguments,
  entry: ArchiveEntry,
  owner: ReturnType<typeof ownership>,
  act: Changer,
): Promise<void> {
  const path = `${wanted.name}/${entry.path}`
  const mode = wanted.extract_perms
    ? { mode: entry.type === 'directory' ? entry.mode | 0o700 : entry.mode }
    : {}
  const there = await act.look.files.info(path)
  if (there && there.type !== entry.type) await act.files.remove(path)
  if (entry.type === 'directory') return act.files.makeDirectory(path, { ...owner, ...mode, parents: true })
  const parent = dirname(path)
  if (!(await act.look.files.info(parent)))
    await act.files.makeDirectory(parent, { ...owner, mode: 0o755, parents: true })
  if (entry.type === 'symlink') return act.files.symlink(path, entry.target, owner)
  return act.files.write(path, entry.content, { ...owner, ...mode })
}
