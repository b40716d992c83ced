/** The SourceReader of a run: contents of its trees or of this machine, and managed files' templates rendered. */
import { readFileSync, statSync } from 'node:fs'
import { posix } from 'node:path'
import { systemClock } from '../../shared/clock.ts'
import { nearest } from '../../shared/data/nearest.ts'
import type { Dict, Value } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import type { RenderHost } from '../../shared/render/host.ts'
import { partialsOf } from '../../shared/sls/render-sls.ts'
import type { RenderSource, Source, SourceReader } from '../system/reader.ts'
import { hashOf } from './blob-cache.ts'
import { downloadSource } from './download.ts'
import { DownloadCache } from './download-cache.ts'
import { FolderFiles } from './folder-files.ts'
import { parseSourceUrl } from './source-url.ts'
import type { TreeFiles } from './tree-files.ts'

export interface SourceParts {
  readonly files: TreeFiles
  readonly grains: Dict
  readonly pillar: Dict
  /** What templates see as `opts`. */
  readonly opts: Dict
  /** What templates may ask this machine. */
  readonly host?: RenderHost
}

export function makeSources(parts: SourceParts): SourceReader {
  const { files } = parts
  const downloads = new Map<string, Promise<Source>>()
  const cachedir = parts.opts.get('cachedir')
  // Without a folder for it, what is downloaded is forgotten with the run.
  const cache = typeof cachedir === 'string' ? new DownloadCache(cachedir, systemClock) : undefined
  return {
    download(url, digest) {
      const known = downloads.get(url)
      if (known !== undefined) return known
      const kept = digest && cache?.read(digest)
      const loading = kept
        ? Promise.resolve({ content: kept, sha256: hashOf(kept), mode: 0o644 })
        : downloadSource(url)
      if (digest && !kept)
        void loading.then(
          ({ content }) => cache?.store(digest, content),
          () => undefined,
        )
      downloads.set(url, loading)
      // What failed may be there when it is asked for again (`retry`).
      loading.catch(() => downloads.delete(url))
      return loading
    },
    async fetch(url, environment) {
      const source = parseSourceUrl(url, environment)
      if (source.kind === 'local') return fetchLocal(url, source.path, environment)
      const found = await files.fetch(source.environment, source.path)
      return found ?? missing(url, source.environment, source.path, files)
    },
    async tree(url, environment) {
      const source = parseSourceUrl(url, environment)
      if (source.kind === 'local') {
        const local = new FolderFiles({ local: [source.path] })
        return { files: await local.under('local', ''), empty: await local.emptyUnder('local', '') }
      }
      const found = await files.under(source.environment, source.path)
      const empty = await files.emptyUnder(source.environment, source.path)
      if (found.length + empty.length === 0) return missing(url, source.environment, source.path, files)
      return { files: found, empty }
    },
    async exists(url, environment) {
      const source = parseSourceUrl(url, environment)
      if (source.kind === 'local') return statSync(source.path, { throwIfNoEntry: false }) !== undefined
      if (files.has(source.environment, source.path)) return true
      const prefix = `${source.path}/`
      return files.list(source.environment).some((path) => path.startsWith(prefix))
    },
    render: async (engine, source, context) => {
      // Loaded by the first template: a minion that renders none is smaller without the engines.
      const { renderTemplate } = await import('../../shared/render/template.ts')
      return renderTemplate({
        engine,
        text: source.text,
        name: source.name,
        variables: { ...variables(parts, source), ...context },
        partial: partialsOf(files, source.environment, templatePath(source.name)),
        host: parts.host,
      })
    },
    load: async (renderer, source, context) => {
      const { renderData } = await import('../../shared/render/pipeline.ts')
      const file = templatePath(source.name)
      return renderData({
        text: source.text,
        file,
        renderer,
        variables: { ...variables(parts, source), ...context },
        partial: partialsOf(files, source.environment, file),
        host: parts.host,
      })
    },
  }
}

/** Salt's names. `slspath` is the folder of the SLS that asked, `tpldir` that of the template. */
function variables(
  { files, grains, pillar, opts }: SourceParts,
  source: RenderSource,
): Record<string, Value> {
  const { sls, environment, name } = source
  const slspath = folderOfSls(files, environment, sls)
  const tplfile = templatePath(name)
  const tpldir = posix.dirname(tplfile)
  return {
    grains,
    pillar,
    opts,
    saltenv: environment,
    env: environment,
    sls,
    slspath,
    sls_path: slspath.replaceAll('/', '_'),
    slsdotpath: slspath.replaceAll('/', '.'),
    slscolonpath: slspath.replaceAll('/', ':'),
    tplfile,
    tpldir,
    tpldot: tpldir === '.' ? '' : tpldir.replaceAll('/', '.'),
    source: name,
  }
}

function folderOfSls(files: TreeFiles, environment: string, sls: string): string {
  const path = sls.replaceAll('.', '/')
  const isFolder = ['sls', 'yaml'].some((ending) => files.has(environment, `${path}/init.${ending}`))
  const folder = isFolder ? path : posix.dirname(path)
  return folder === '.' ? '' : folder
}

function fetchLocal(url: string, path: string, environment: string): Source {
  try {
    const content = readFileSync(path)
    return { content, sha256: hashOf(content), mode: statSync(path).mode & 0o7777 }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') throw new TsaltError('source-missing', { url, environment })
    throw new TsaltError('source-unreadable', { url, reason: code ?? String(error) })
  }
}

function missing(url: string, environment: string, path: string, files: TreeFiles): never {
  const near = nearest(path, files.list(environment)) ?? sameName(path, files.list(environment))
  const elsewhere = files.environments.find((other) => other !== environment && files.has(other, path))
  const hint = near
    ? `Did you mean salt://${near}?`
    : elsewhere && `It is in environment "${elsewhere}": salt://${path}?saltenv=${elsewhere}`
  throw new TsaltError('source-missing', { url, environment }, { hint })
}

/** The same file name in another folder. */
function sameName(path: string, candidates: readonly string[]): string | undefined {
  const name = posix.basename(path)
  return candidates.find((candidate) => posix.basename(candidate) === name)
}

/** `salt://redis/redis.conf?saltenv=base` is `redis/redis.conf`. */
function templatePath(name: string): string {
  return name.replace(/^salt:\/\//, '').replace(/\?.*$/, '')
}
