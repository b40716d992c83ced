/** Functions of `cp` that take folders and templates of the tree, and tell of what is cached. */
import { posix } from 'node:path'
import type { Dict } from '../../shared/data/value.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { mapping, nameList } from '../../shared/schema/collections.ts'
import { absolutePath, formatMode } from '../../shared/schema/paths.ts'
import { flag, nonEmptyText, text } from '../../shared/schema/scalars.ts'
import type { ModuleContext } from './contract.ts'
import { asking, changing } from './define.ts'

const saltenv = defaulted(text, 'base', 'Environment of the tree.')
const path = needed(nonEmptyText, '`salt://path`.')

/** Where cp.cache_file puts a file. */
export function cachedPath(url: string, environment: string, config: Dict): string {
  const name = url.replace(/^\w+:\/\//, '').replace(/\?.*$/, '')
  const folder = String(config.get('cachedir') ?? '/var/cache/tsalt/minion')
  return posix.join(folder, 'files', environment, posix.normalize(`/${name}`))
}

/** Every file of a folder of the tree below a directory; a path that leads out of it is none. */
async function put(
  url: string,
  target: string,
  environment: string,
  { look, act }: ModuleContext,
): Promise<string[]> {
  const { files } = await look.sources.tree(url, environment)
  const written: string[] = []
  for (const file of files) {
    const at = posix.join(target, posix.normalize(`/${file.path}`))
    const folder = posix.dirname(at)
    if (!(await look.files.infoFollowed(folder))) await act.files.makeDirectory(folder, { parents: true })
    if (file.target !== undefined) await act.files.symlink(at, file.target)
    else {
      const { content } = await look.sources.fetch(`${url.replace(/\/+$/, '')}/${file.path}`, environment)
      await act.files.write(at, content, { mode: file.mode })
    }
    written.push(at)
  }
  return written
}

/** Salt puts the folder itself into the place, not only what it holds. */
const named = (url: string, dest: string): string =>
  posix.join(dest, posix.basename(url.replace(/\/+$/, '').replace(/\?.*$/, '')))

async function cacheFile(url: string, environment: string, context: ModuleContext): Promise<string> {
  const { content } = await context.look.sources.fetch(url, environment)
  const target = cachedPath(url, environment, context.config)
  const folder = posix.dirname(target)
  if (!(await context.look.files.infoFollowed(folder)))
    await context.act.files.makeDirectory(folder, { parents: true })
  await context.act.files.write(target, content)
  return target
}

export const trees = {
  get_dir: changing(
    'Puts a folder of the tree on the machine; answers the files.',
    'cp.get_dir salt://app /srv',
    { path, dest: needed(absolutePath, 'The folder that it comes into.'), saltenv },
    (given, context) => put(given.path, named(given.path, given.dest), given.saltenv, context),
  ),
  get_template: changing(
    'Renders a file of the tree as a template and puts it on the machine.',
    'cp.get_template salt://app/app.conf /etc/app.conf',
    {
      path,
      dest: needed(absolutePath, 'Where it is put.'),
      template: defaulted(text, 'jinja', 'The engine: `jinja` or `handlebars`.'),
      saltenv,
      makedirs: defaulted(flag, false, 'Makes the folders above too.'),
      context: optional(mapping, 'Variables of the template.'),
    },
    async (given, { look, act }) => {
      const source = await look.sources.fetch(given.path, given.saltenv)
      const raw = Buffer.from(source.content).toString('utf8')
      const origin = { text: raw, name: given.path, environment: given.saltenv, sls: '' }
      const { variablesOf } = await import('../states/file/render-source.ts')
      const rendered = await look.sources.render(
        given.template,
        origin,
        variablesOf([undefined, given.context]),
      )
      const folder = posix.dirname(given.dest)
      if (given.makedirs && !(await look.files.infoFollowed(folder)))
        await act.files.makeDirectory(folder, { parents: true })
      await act.files.write(given.dest, Buffer.from(rendered))
      return given.dest
    },
  ),
  cache_files: changing(
    "Puts several files of the tree into the minion's cache and answers where they are.",
    'cp.cache_files salt://a,salt://b',
    { paths: needed(nameList, '`salt://` paths.'), saltenv },
    async (given, context) => {
      const written: string[] = []
      for (const url of given.paths) written.push(await cacheFile(url, given.saltenv, context))
      return written
    },
    { whileRendering: true },
  ),
  cache_dir: changing(
    "Puts a folder of the tree into the minion's cache and answers its files.",
    'cp.cache_dir salt://app',
    { path, saltenv },
    (given, context) =>
      put(given.path, cachedPath(given.path, given.saltenv, context.config), given.saltenv, context),
    { whileRendering: true },
  ),
  cache_local_file: changing(
    "Puts a file of the machine into the minion's cache and answers where it is; empty where there is none.",
    'cp.cache_local_file /etc/hosts',
    { path: needed(absolutePath, 'The file.') },
    async (given, { look, act, config }) => {
      if ((await look.files.infoFollowed(given.path))?.type !== 'file') return ''
      const folder = String(config.get('cachedir') ?? '/var/cache/tsalt/minion')
      const target = posix.join(folder, 'files', 'localfiles', posix.normalize(given.path))
      if (!(await look.files.infoFollowed(posix.dirname(target))))
        await act.files.makeDirectory(posix.dirname(target), { parents: true })
      await act.files.write(target, await look.files.read(given.path))
      return target
    },
  ),
  is_cached: asking(
    "Where a file of the tree is in the minion's cache; empty where it is not.",
    'cp.is_cached salt://scripts/check.sh',
    { path, saltenv },
    async (given, { look, config }) => {
      const at = cachedPath(given.path, given.saltenv, config)
      return (await look.files.infoFollowed(at)) ? at : ''
    },
  ),
  stat_file: asking(
    'Permission bits of a file of the tree.',
    'cp.stat_file salt://scripts/check.sh',
    { path, saltenv, octal: defaulted(flag, true, 'As text: `0644`.') },
    async (given, { look }) => {
      const { mode } = await look.sources.fetch(given.path, given.saltenv)
      return given.octal ? formatMode(mode) : mode
    },
  ),
  list_minion: asking(
    "Paths of the files in the minion's cache.",
    'cp.list_minion',
    { saltenv },
    async (given, { look, config }) => {
      const top = cachedPath('salt://', given.saltenv, config).replace(/\/$/, '')
      const found: string[] = []
      const walk = async (at: string): Promise<void> => {
        for (const name of await look.files.list(at)) {
          const next = posix.join(at, name)
          if (look.files.typeOf(next) === 'directory') await walk(next)
          else found.push(next.slice(top.length + 1))
        }
      }
      if (look.files.typeOf(top) === 'directory') await walk(top)
      return found
    },
  ),
}
