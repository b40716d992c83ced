/** Execution module `kmod`: modules of the kernel. */
import { defaulted, needed } from '../../shared/schema/argument.ts'
import { flag, nonEmptyText } from '../../shared/schema/scalars.ts'
import type { Reader } from '../system/reader.ts'
import { byState } from './by-state.ts'
import { execModule } from './contract.ts'
import { asking, changing } from './define.ts'

const mod = needed(nonEmptyText, 'The module.')
const persist = defaulted(flag, false, 'Also at the next start, by `/etc/modules`.')

interface Loaded {
  readonly module: string
  readonly size: string
  readonly depcount: string
  readonly deps: readonly string[]
}

async function loaded(look: Reader): Promise<Loaded[]> {
  if (!(await look.files.infoFollowed('/proc/modules'))) return []
  const text = Buffer.from(await look.files.read('/proc/modules')).toString('utf8')
  return text.split('\n').flatMap((line) => {
    const [module = '', size = '', depcount = '', deps = ''] = line.split(' ')
    const users = deps.split(',').filter((user) => user !== '' && user !== '-')
    return module === '' ? [] : [{ module, size, depcount, deps: users }]
  })
}

async function kept(look: Reader): Promise<string[]> {
  if (!(await look.files.infoFollowed('/etc/modules'))) return []
  const text = Buffer.from(await look.files.read('/etc/modules')).toString('utf8')
  return text.split('\n').flatMap((line) => {
    const [name = ''] = line
      .replace(/[#;].*$/, '')
      .trim()
      .split(/\s+/)
    return name === '' ? [] : [name]
  })
}

const same = (a: string, b: string): boolean => a.replaceAll('-', '_') === b.replaceAll('-', '_')

export const kmodModule = execModule({
  summary: 'Modules of the kernel.',
  functions: {
    lsmod: asking('Loaded modules with their sizes and users.', 'kmod.lsmod', {}, async (_, { look }) =>
      (await loaded(look)).map((one) => ({ ...one })),
    ),
    mod_list: asking(
      'Names of loaded modules.',
      'kmod.mod_list',
      { only_persist: defaulted(flag, false, 'Those that are loaded at every start.') },
      async (given, { look }) =>
        given.only_persist
          ? (await kept(look)).sort()
          : (await loaded(look)).map(({ module }) => module).sort(),
    ),
    is_loaded: asking(
      'True where a module is loaded.',
      'kmod.is_loaded br_netfilter',
      { mod },
      async (given, { look }) => (await loaded(look)).some(({ module }) => same(module, given.mod)),
    ),
    available: asking('Modules that could be loaded.', 'kmod.available', {}, async (_, { look }) => {
      const { stdout } = await look.commands.query(['uname', '-r'])
      const path = `/lib/modules/${stdout.trim()}/modules.dep`
      if (!(await look.files.infoFollowed(path))) return []
      const lines = Buffer.from(await look.files.read(path))
        .toString('utf8')
        .split('\n')
      return lines.flatMap((line) => /([^/]+)\.ko(?:\.\w+)?:/.exec(line)?.[1] ?? []).sort()
    }),
    load: changing(
      'Loads a module; answers what was loaded.',
      'kmod.load br_netfilter',
      { mod, persist },
      async (given, context) =>
        (await byState('kmod.present', { name: given.mod, persist: given.persist }, context)).changed
          ? [given.mod]
          : [],
    ),
    remove: changing(
      'Unloads a module; answers what was unloaded.',
      'kmod.remove pcspkr',
      { mod, persist },
      async (given, context) =>
        (await byState('kmod.absent', { name: given.mod, persist: given.persist }, context)).changed
          ? [given.mod]
          : [],
    ),
  },
})
