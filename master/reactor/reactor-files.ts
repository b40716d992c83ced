/** Reactor files: found when an event comes, rendered with it, read into reactions. */
import { access, readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { placeOfKey } from '../../shared/data/provenance.ts'
import type { Dict, Key, Value } from '../../shared/data/value.ts'
import { isTsaltError, TsaltError } from '../../shared/errors/error.ts'
import type { RenderHost } from '../../shared/render/host.ts'
import { pathVariables } from '../../shared/render/path-variables.ts'
import { renderData } from '../../shared/render/pipeline.ts'
import { partialsOf } from '../../shared/sls/render-sls.ts'
import { compileGlob, isGlob } from '../../shared/targeting/glob.ts'
import type { FolderTree } from '../files/folder-tree.ts'
import { differs, type Letter, neutral } from './neutral.ts'
import type { Reaction } from './reaction.ts'
import { readReactions } from './read-reactions.ts'

export interface ReactorFilesSetup {
  /** Of file_roots: salt://… and what templates import. */
  readonly tree: FolderTree
  /** Pipeline of files that name none. */
  readonly renderer: string
  /** What templates see beside the event. */
  readonly variables: () => Promise<Readonly<Record<string, Value>>>
  readonly host: RenderHost
}

/** An event as files see it. */
export interface SeenEvent {
  readonly tag: string
  readonly data: Dict
  /** Its text may become more than text. */
  readonly trusted: boolean
}

export interface ReactorFiles {
  /** The files that a name of the configuration means now: itself, or those that its glob matches. */
  expand(name: string): Promise<readonly string[]>
  /** Whether there is such a file now, or any that its glob matches. */
  isThere(name: string): Promise<boolean>
  /** @throws TsaltError `reactor-…`, or of the renderers */
  reactions(file: string, event: SeenEvent): Promise<Reaction[]>
}

export function openReactorFiles(setup: ReactorFilesSetup): ReactorFiles {
  return {
    expand,
    isThere: (name) => isThere(setup.tree, name),
    async reactions(file, event) {
      await setup.tree.refresh()
      const found = await readText(setup.tree, file)
      const root = event.trusted ? await render(setup, found, event) : await renderText(setup, found, event)
      return readReactions(root, found.file)
    },
  }
}

const expand = async (name: string): Promise<readonly string[]> =>
  name.startsWith('salt://') ? [name] : expandPath(name)

async function isThere(tree: FolderTree, name: string): Promise<boolean> {
  const [, path, environment = 'base'] = saltUrl.exec(name) ?? []
  if (path !== undefined) {
    await tree.refresh()
    return tree.has(environment, path)
  }
  // A glob that matches nothing is told as a file that is not there.
  return expandPath(name)
    .then(([first = name]) => access(first))
    .then(
      () => true,
      () => false,
    )
}

interface FoundFile {
  readonly file: string
  readonly text: string
  readonly environment: string
}

const saltUrl = /^salt:\/\/([^?]+)(?:\?saltenv=(.+))?$/

/** @throws TsaltError `reactor-file-missing`, `reactor-file-unreadable` */
async function readText(tree: FolderTree, name: string): Promise<FoundFile> {
  const [, path, environment = 'base'] = saltUrl.exec(name) ?? []
  if (path !== undefined) {
    const found = tree.has(environment, path) ? await tree.read(environment, path) : undefined
    if (found === undefined) throw new TsaltError('reactor-file-missing', { file: name })
    return { file: path, text: found.text, environment }
  }
  try {
    return { file: name, text: await readFile(name, 'utf8'), environment: 'base' }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') throw new TsaltError('reactor-file-missing', { file: name })
    if (code === 'EACCES' || code === 'EISDIR' || code === 'ENOTDIR')
      throw new TsaltError('reactor-file-unreadable', {
        file: name,
        reason: code === 'EACCES' ? 'permission denied' : 'it is no file',
      })
    throw error
  }
}

/** Globs stand in the last part of a path. */
async function expandPath(path: string): Promise<readonly string[]> {
  if (!isGlob(path)) return [path]
  const folder = dirname(path)
  const matches = compileGlob(path.slice(folder.length + 1))
  const names = await readdir(folder).catch(() => [])
  const found = names.filter((name) => !name.startsWith('.') && matches(name)).sort()
  if (found.length === 0) throw new TsaltError('reactor-file-missing', { file: path })
  return found.map((name) => join(folder, name))
}

async function render(
  { tree, renderer, variables, host }: ReactorFilesSetup,
  { file, text, environment }: FoundFile,
  { tag, data }: Pick<SeenEvent, 'tag' | 'data'>,
): Promise<Value> {
  const sls = file
    .replace(/\.(?:sls|ya?ml)$/, '')
    .replace(/^\//, '')
    .replaceAll('/', '.')
  return renderData({
    text,
    file,
    renderer,
    variables: { ...pathVariables(sls, file), saltenv: environment, ...(await variables()), tag, data },
    partial: partialsOf(tree, environment, file),
    host,
  })
}

/**
 * As render, where text of the event stays text.
 * @throws TsaltError `reactor-data-injects`
 */
async function renderText(setup: ReactorFilesSetup, found: FoundFile, event: SeenEvent): Promise<Value> {
  const quiet = quieted(event, 'x')
  const silent = quieted(event, 'q')
  if (quiet === undefined || silent === undefined) return render(setup, found, event)
  const plain = await tried(render(setup, found, quiet))
  // Between the others: what hangs on the time and is the same in both is the same here.
  const mine = await tried(render(setup, found, event))
  const other = await tried(render(setup, found, silent))
  // Wrong with any text.
  if (mine.error && plain.error) throw mine.error
  const path =
    mine.error || plain.error || other.error
      ? []
      : differs({ mine: mine.value ?? null, plain: plain.value ?? null, other: other.value ?? null })
  if (path === undefined) return mine.value ?? null
  const [reaction] = path
  const place =
    reaction === undefined
      ? (mine.error ?? plain.error ?? other.error)?.place
      : placeOfKey(mine.value, reaction)
  throw new TsaltError(
    'reactor-data-injects',
    { reaction: reaction === undefined ? found.file : String(reaction) },
    { place: place ?? { file: found.file, line: 1, column: 1 } },
  )
}

/** undefined: there is nothing in it that could mean something. */
function quieted({ tag, data }: SeenEvent, letter: Letter): Pick<SeenEvent, 'tag' | 'data'> | undefined {
  const plain = neutral(
    new Map<Key, Value>([
      ['tag', tag],
      ['data', data],
    ]),
    letter,
  )
  return plain && { tag: plain.get('tag') as string, data: plain.get('data') as Dict }
}

type Tried =
  | { readonly value: Value; readonly error?: never }
  | { readonly error: TsaltError; readonly value?: never }

async function tried(rendering: Promise<Value>): Promise<Tried> {
  try {
    return { value: await rendering }
  } catch (error) {
    if (isTsaltError(error)) return { error }
    throw error
  }
}
