/** The content that file.managed wants: inline, from pillar or grains, or from a source; rendered where asked. */
import { createHash } from 'node:crypto'
import { nearestPath } from '../../../shared/data/nearest-path.ts'
import { type Dict, isList, traverse } from '../../../shared/data/value.ts'
import { isTsaltError } from '../../../shared/errors/error.ts'
import { readLooseText } from '../../../shared/schema/scalars.ts'
import type { FileSource } from '../../../shared/schema/sources.ts'
import type { Reader } from '../../system/reader.ts'
import type { StateRun } from '../contract.ts'
import { accumulatedFor } from './accumulators.ts'
import { fetchSource, isRemote } from './fetch-source.ts'
import type { Resolved } from './link.ts'
import type { ManagedArguments } from './managed-arguments.ts'
import { type FileAbout, renderText, type TemplateArguments } from './render-source.ts'
import { checkDigest, type Digest, resolveDigest } from './source-hash.ts'
import { encodeText } from './text-encoding.ts'

export type Desired =
  /** No content was asked for: only owner and mode count, and a new file is empty. */
  | { readonly kind: 'any' }
  | { readonly kind: 'content'; readonly content: Uint8Array; readonly sourceMode?: number }
  | { readonly kind: 'unknown'; readonly reason: string }
  | { readonly kind: 'failed'; readonly comment: string }

const fail = (comment: string) => ({ kind: 'failed', comment }) as const

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
  const chosen = await chooseSource(args.source, target, args, look, run)
  if ('kind' in chosen) return chosen
  const source = await fetchSource(chosen.url, look, run)
  const complaint = chosen.digest && checkDigest(chosen.digest, chosen.url, source)
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
  const content = encodeText(rendered, args.encoding, args.encoding_errors)
  return typeof content === 'string' ? fail(content) : { kind: 'content', content }
}

/** What file.accumulated gathered for the file is a variable of its template. */
function withAccumulators(args: ManagedArguments, run: StateRun): TemplateArguments {
  const accumulated = accumulatedFor(args.name, run)
  if (accumulated.size === 0) return args
  const accumulator: Dict = new Map([...accumulated].map(([name, texts]) => [name, [...texts]]))
  return { ...args, context: new Map([...(args.context ?? []), ['accumulator', accumulator]]) }
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

interface Chosen {
  readonly url: string
  /** What it must have; undefined: not verified. */
  readonly digest: Digest | undefined
}

/** The first that exists. One on the network is not asked for where the file has its digest already. */
async function chooseSource(
  sources: readonly FileSource[],
  target: Resolved,
  args: ManagedArguments,
  look: Reader,
  run: StateRun,
): Promise<Chosen | Exclude<Desired, { kind: 'content' }>> {
  const local = sources.map((source) => ({ ...source, url: source.url.replace(/^file:\/\//, '') }))
  const failures: string[] = []
  for (const source of local) {
    const isOnly = local.length === 1 && source.url.startsWith('salt://')
    if (!isRemote(source.url)) {
      if (!isOnly && !(await look.sources.exists(source.url, run.environment))) continue
      const digest = await digestOf(source, args, look, run)
      return typeof digest === 'string' ? fail(digest) : { url: source.url, digest }
    }
    const remote = await chooseRemote(source, target, args, look, run)
    if (typeof remote !== 'string') return remote
    failures.push(remote)
  }
  if (run.test && run.predicted.length > 0 && local.some(({ url }) => url.startsWith('/')))
    return {
      kind: 'unknown',
      reason: `the source of ${args.name} does not exist yet; an earlier state may make it`,
    }
  if (failures.length > 0) return fail(failures.join('\n'))
  const names = local.map(({ url }) => url)
  return fail(
    names.length === 1
      ? `Source file ${names[0]} not found`
      : `none of the specified sources were found: ${names.join(', ')}`,
  )
}

/** @returns a text: why it cannot be had, so that the next of the list is tried */
async function chooseRemote(
  source: FileSource,
  target: Resolved,
  args: ManagedArguments,
  look: Reader,
  run: StateRun,
): Promise<Chosen | Exclude<Desired, { kind: 'content' }> | string> {
  const { url } = source
  if (!/^https?:/.test(url)) return `${url}: only http:// and https:// are downloaded`
  const digest = await digestOf(source, args, look, run)
  if (typeof digest === 'string') return fail(digest)
  if (!digest && !args.skip_verify)
    return `Unable to verify upstream hash of source file ${url}, please set source_hash or set skip_verify to True`
  if (digest && args.template === undefined && (await hasDigest(target, digest, look))) return { kind: 'any' }
  try {
    await look.sources.download(url, digest)
    return { url, digest }
  } catch (error) {
    if (isTsaltError(error) && error.code === 'url-unreachable') return error.message
    throw error
  }
}

/** @returns undefined: it is not verified; a text: what is wrong */
async function digestOf(
  { url, hash }: FileSource,
  args: ManagedArguments,
  look: Reader,
  run: StateRun,
): Promise<Digest | string | undefined> {
  const expected = hash ?? args.source_hash
  if (expected === undefined || expected === '' || args.skip_verify) return undefined
  const names = { given: args.source_hash_name, others: [args.name, url.replace(/[?#].*$/, '')] }
  return resolveDigest(expected, names, async (list) => {
    const { content } = await fetchSource(list.replace(/^file:\/\//, ''), look, run)
    return Buffer.from(content).toString('utf8')
  })
}

async function hasDigest({ path, info }: Resolved, digest: Digest, look: Reader): Promise<boolean> {
  if (info?.type !== 'file') return false
  if (digest.algorithm === 'sha256') return (await look.files.hash(path)) === digest.hex
  const content = await look.files.read(path)
  return createHash(digest.algorithm).update(content).digest('hex') === digest.hex
}
