/** The content that file.managed wants: inline, from pillar or grains, or from a source; rendered where asked. */
import { createHash } from 'node:crypto'
import { nearestPath } from '../../../shared/data/nearest-path.ts'
import { type Dict, isList, traverse } from '../../../shared/data/value.ts'
import { readLooseText } from '../../../shared/schema/scalars.ts'
import type { FileSource } from '../../../shared/schema/sources.ts'
import type { Reader, Source } from '../../system/reader.ts'
import type { StateRun } from '../contract.ts'
import { accumulatedFor } from './accumulators.ts'
import type { Resolved } from './link.ts'
import type { ManagedArguments } from './managed-arguments.ts'
import { type FileAbout, renderText, type TemplateArguments } from './render-source.ts'
import { checkSourceHash, parseDigest } from './source-hash.ts'

export type Desired =
  /** No content was asked for: only owner and mode count, and a new file is empty. */
  | { readonly kind: 'any' }
  | { readonly kind: 'content'; readonly content: Uint8Array; readonly sourceMode?: number }
  | { readonly kind: 'unknown'; readonly reason: string }
  | { readonly kind: 'failed'; readonly comment: string }

const fail = (comment: string): Desired => ({ kind: 'failed', comment })

/** @param target what is there now: a download that has left the right digest there need not be made again */
export async function desiredContent(
  args: ManagedArguments,
  target: Resolved,
  look: Reader,
  run: StateRun,
): Promise<Desired> {
  const inline = inlineContent(args, look)
  if (inline && 'failed' in inline) return fail(inline.failed)
  if (inline) return finish(inline.text, run.id, args, look, run)
  if (!args.source) return { kind: 'any' }
  if (await isDownloaded(args, target, look)) return { kind: 'any' }
  const chosen = await chooseSource(args.source, args.name, look, run)
  if ('kind' in chosen) return chosen
  const source = await look.sources.fetch(chosen.url, run.environment)
  const complaint = await verify(chosen, source, args, look, run)
  if (complaint !== undefined) return fail(complaint)
  if (!args.template) return { kind: 'content', content: source.content, sourceMode: source.mode }
  const text = Buffer.from(source.content).toString('utf8')
  const rendered = await finish(text, chosen.url, args, look, run, { ...args, source: chosen.url })
  return rendered.kind === 'content' ? { ...rendered, sourceMode: source.mode } : rendered
}

async function finish(
  text: string,
  name: string,
  args: ManagedArguments,
  look: Reader,
  run: StateRun,
  about?: FileAbout,
): Promise<Desired> {
  const rendered = await renderText(text, name, withAccumulators(args, run), look, run, about)
  return { kind: 'content', content: Buffer.from(rendered, nodeEncoding(args.encoding)) }
}

/** What file.accumulated gathered for the file is a variable of its template. */
function withAccumulators(args: ManagedArguments, run: StateRun): TemplateArguments {
  const accumulated = accumulatedFor(args.name, run)
  if (accumulated.size === 0) return args
  const accumulator: Dict = new Map([...accumulated].map(([name, texts]) => [name, [...texts]]))
  return { ...args, context: new Map([...(args.context ?? []), ['accumulator', accumulator]]) }
}

function nodeEncoding(encoding: ManagedArguments['encoding']): BufferEncoding {
  if (encoding === 'latin-1' || encoding === 'iso-8859-1') return 'latin1'
  if (encoding === 'utf-16-le') return 'utf16le'
  return encoding === 'ascii' ? 'ascii' : 'utf8'
}

type Inline = { readonly text: string } | { readonly failed: string } | undefined

function inlineContent(args: ManagedArguments, look: Reader): Inline {
  const asText = (parts: readonly string[]): Inline => ({ text: joinContents(parts, args.contents_newline) })
  if (args.contents !== undefined) return asText(args.contents)
  const keys = args.contents_pillar ?? args.contents_grains
  if (!keys) return undefined
  const isPillar = args.contents_pillar !== undefined
  const data = isPillar ? look.pillar : look.grains
  const what = isPillar ? 'Pillar' : 'Grain'
  for (const key of keys) {
    const value = traverse(data, key, args.contents_delimiter)
    if (value === undefined || value === null) continue
    const parts = (isList(value) ? value : [value]).map(readLooseText)
    if (parts.includes(undefined))
      return { failed: `${what} ${key} is not text or a list of text, so it cannot be the content of a file` }
    if (!args.allow_empty && parts.every((part) => part === ''))
      return { failed: `${what} ${key} is empty, and allow_empty is False` }
    return asText(parts.filter((part) => part !== undefined))
  }
  const near = nearestPath(data, keys[0] ?? '', args.contents_delimiter)
  const hint =
    near === undefined
      ? `"tsalt-call ${isPillar ? 'pillar' : 'grains'}.items" shows what there is.`
      : `Did you mean "${near}"?`
  return { failed: `${what} ${keys.join(', ')} does not exist\n  hint: ${hint}` }
}

/** Every part ends its last line, as in Salt; `contents_newline: False` strips the newlines at the very end. */
function joinContents(parts: readonly string[], newline: boolean): string {
  let text = ''
  for (const part of parts) {
    const unix = part.replace(/\r\n?/g, '\n')
    text += unix === '' || unix.endsWith('\n') ? unix : `${unix}\n`
  }
  return newline ? text : text.replace(/\n+$/, '')
}

async function chooseSource(
  sources: readonly FileSource[],
  file: string,
  look: Reader,
  run: StateRun,
): Promise<FileSource | Extract<Desired, { kind: 'failed' | 'unknown' }>> {
  const local = sources.map((source) => ({ ...source, url: source.url.replace(/^file:\/\//, '') }))
  const [only] = local
  if (local.length === 1 && only?.url.startsWith('salt://')) return only
  for (const source of local) {
    if (isRemote(source.url)) continue
    if (await look.sources.exists(source.url, run.environment)) return source
  }
  if (run.test && run.predicted.length > 0 && local.some(({ url }) => url.startsWith('/')))
    return {
      kind: 'unknown',
      reason: `the source of ${file} does not exist yet; an earlier state may make it`,
    }
  const names = local.map(({ url }) => url)
  if (local.some(({ url }) => isRemote(url))) return { kind: 'failed', comment: noDownload(names.join(', ')) }
  return {
    kind: 'failed',
    comment:
      names.length === 1
        ? `Source file ${names[0]} not found`
        : `none of the specified sources were found: ${names.join(', ')}`,
  }
}

const noDownload = (urls: string): string =>
  `${urls}: this version downloads nothing; put the file into the tree and use salt://`

/** Whether the file has the digest that its source on the network must have. */
async function isDownloaded(
  args: ManagedArguments,
  { path, info }: Resolved,
  look: Reader,
): Promise<boolean> {
  const remote = args.source?.find(({ url }) => isRemote(url))
  const digest = remote && parseDigest(remote.hash ?? args.source_hash ?? '')
  if (info?.type !== 'file' || !digest || args.template !== undefined) return false
  if (digest.algorithm === 'sha256') return (await look.files.hash(path)) === digest.hex
  return (
    createHash(digest.algorithm)
      .update(await look.files.read(path))
      .digest('hex') === digest.hex
  )
}

/** What only a download could answer. */
const isRemote = (url: string): boolean => /^(?:https?|ftp|s3|swift):\/\//.test(url)

async function verify(
  chosen: FileSource,
  source: Source,
  args: ManagedArguments,
  look: Reader,
  run: StateRun,
): Promise<string | undefined> {
  const expected = chosen.hash ?? args.source_hash
  if (expected === undefined || args.skip_verify) return undefined
  return checkSourceHash(expected, chosen.url, (algorithm) => hashOf(algorithm, source), {
    name: args.source_hash_name,
    fetch: async (url) =>
      Buffer.from((await look.sources.fetch(url, run.environment)).content).toString('utf8'),
  })
}

function hashOf(algorithm: string, source: Source): string {
  return algorithm === 'sha256' ? source.sha256 : createHash(algorithm).update(source.content).digest('hex')
}
