/** Execution module `cp`: files of the tree, and of web servers. */
import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import * as v from 'valibot'
import { isTsaltError, TsaltError } from '../../shared/errors/error.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { absolutePath } from '../../shared/schema/paths.ts'
import { flag, nonEmptyText, text } from '../../shared/schema/scalars.ts'
import type { Source } from '../system/reader.ts'
import { execFunction, execModule, type ModuleContext } from './contract.ts'
import { pushing } from './cp-push.ts'
import { cachedPath, trees } from './cp-trees.ts'
import { fetchUrl } from './fetch-url.ts'
import { treePaths } from './tree-paths.ts'

const saltenv = defaulted(text, 'base', 'Environment of the tree.')
const path = needed(nonEmptyText, '`salt://path`, or an absolute path.')
const makedirs = defaulted(flag, false, 'Makes the folders above too.')
/** Milliseconds for a file from the network. */
const longestDownload = 300_000

async function contentOf(
  url: string,
  environment: string,
  { look, job }: ModuleContext,
): Promise<Uint8Array> {
  if (!/^https?:\/\//.test(url)) return (await look.sources.fetch(url, environment)).content
  const { status, content } = await fetchUrl(url, {
    timeout: longestDownload,
    signal: job.signal,
    mostBytes: 512 * 1024 * 1024,
  })
  if (status >= 400) throw new TsaltError('url-unreachable', { url, reason: `HTTP ${status}` })
  return content
}

/** undefined: the tree has no such file. */
async function found(url: string, environment: string, { look }: ModuleContext): Promise<Source | undefined> {
  try {
    return await look.sources.fetch(url, environment)
  } catch (error) {
    if (isTsaltError(error) && error.code === 'source-missing') return undefined
    throw error
  }
}

async function put(target: string, content: Uint8Array, withParents: boolean, { look, act }: ModuleContext) {
  const folder = posix.dirname(target)
  if (withParents && !(await look.files.infoFollowed(folder)))
    await act.files.makeDirectory(folder, { parents: true })
  await act.files.write(target, content)
  return target
}

function listing(name: string, summary: string, pick: (paths: readonly string[]) => string[]) {
  return execFunction({
    summary,
    args: v.strictObject({ saltenv, prefix: defaulted(text, '', 'Only paths below it.') }),
    examples: [`tsalt '*' cp.${name}`],
    readOnly: true,
    run: async (given, { look }) => {
      const paths = await treePaths(look, given.saltenv)
      return pick(paths.filter((one) => one.startsWith(given.prefix)))
    },
  })
}

/** `a/b/init.sls` is `a.b`. */
const slsName = (one: string): string =>
  one
    .replace(/\.(?:sls|yaml)$/, '')
    .replace(/\/init$/, '')
    .replaceAll('/', '.')

const foldersOf = (one: string): string[] =>
  one.split('/').flatMap((_, index, steps) => (index === 0 ? [] : [steps.slice(0, index).join('/')]))

const url = v.strictObject({
  path: needed(nonEmptyText, '`salt://`, `http://`, `https://` or an absolute path.'),
  dest: optional(text, 'Where it is put; none: the content is the answer.'),
  saltenv,
  makedirs,
})

export const cpModule = execModule({
  summary: 'Files of the tree, and of web servers.',
  functions: {
    ...trees,
    ...pushing,
    get_file_str: execFunction({
      summary: 'Content of a file as text; empty where there is none.',
      args: v.strictObject({ path, saltenv }),
      examples: ["tsalt '*' cp.get_file_str salt://motd"],
      readOnly: true,
      run: async (given, context) => {
        const source = await found(given.path, given.saltenv, context)
        return source === undefined ? '' : Buffer.from(source.content).toString('utf8')
      },
    }),
    get_url: execFunction({
      summary: 'Puts a file of the tree or of a web server on the machine, or answers its content.',
      args: url,
      examples: ["tsalt '*' cp.get_url https://example.com/key.asc /etc/apt/keyrings/example.asc"],
      readOnly: false,
      // In a dry run the content, but no file is written.
      whileRendering: ({ dest }) => dest === undefined || dest === '',
      run: async (given, context) => {
        const content = await contentOf(given.path, given.saltenv, context)
        if (given.dest === undefined || given.dest === '') return Buffer.from(content).toString('utf8')
        return put(given.dest, content, given.makedirs, context)
      },
    }),
    get_file: execFunction({
      summary: 'Puts a file of the tree on the machine; empty where there is none.',
      args: v.strictObject({ path, dest: needed(absolutePath, 'Where it is put.'), saltenv, makedirs }),
      examples: ["tsalt '*' cp.get_file salt://motd /etc/motd"],
      readOnly: false,
      run: async (given, context) => {
        const source = await found(given.path, given.saltenv, context)
        return source === undefined ? '' : put(given.dest, source.content, given.makedirs, context)
      },
    }),
    cache_file: execFunction({
      summary:
        "Puts a file of the tree into the minion's cache and answers where it is; False where there is none.",
      args: v.strictObject({ path, saltenv }),
      examples: ["tsalt '*' cp.cache_file salt://scripts/check.sh"],
      readOnly: false,
      whileRendering: true,
      run: async (given, context) => {
        const source = await found(given.path, given.saltenv, context)
        if (source === undefined) return false
        return put(cachedPath(given.path, given.saltenv, context.config), source.content, true, context)
      },
    }),
    hash_file: execFunction({
      summary: 'Hash of a file of the tree; nothing where there is none.',
      args: v.strictObject({ path, saltenv }),
      examples: ["tsalt '*' cp.hash_file salt://motd"],
      readOnly: true,
      run: async (given, context) => {
        const source = await found(given.path, given.saltenv, context)
        if (source === undefined) return {}
        return { hsum: createHash('sha256').update(source.content).digest('hex'), hash_type: 'sha256' }
      },
    }),
    list_master: listing('list_master', 'Paths of all files of the tree.', (paths) => [...paths]),
    list_master_dirs: listing('list_master_dirs', 'Paths of all folders of the tree.', (paths) =>
      [...new Set(paths.flatMap(foldersOf))].sort(),
    ),
    list_states: listing('list_states', 'Names of all SLS of the tree.', (paths) =>
      paths
        .filter((one) => /\.sls$/.test(one))
        .map(slsName)
        .sort(),
    ),
  },
})
