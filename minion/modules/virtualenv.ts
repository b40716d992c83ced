/** Execution module `virtualenv`: virtual environments of Python. */
import { posix } from 'node:path'
import { TsaltError } from '../../shared/errors/error.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { environment, textList } from '../../shared/schema/collections.ts'
import { absolutePath } from '../../shared/schema/paths.ts'
import { accountName, flag, nonEmptyText, text } from '../../shared/schema/scalars.ts'
import type { Reader } from '../system/reader.ts'
import { answered } from './answered.ts'
import { byState } from './by-state.ts'
import { execModule } from './contract.ts'
import { asking, changing } from './define.ts'

const old = "Accepted; today's virtualenv has no such option."
const venv = needed(absolutePath, 'Directory of the environment.')

/** What a program in Python prints, run by the environment's own interpreter; it writes nothing, not even its cache. */
async function printed(
  fun: string,
  folder: string,
  program: string,
  words: readonly string[],
  look: Reader,
): Promise<string> {
  const python = posix.join(folder, 'bin/python')
  if ((await look.files.infoFollowed(python)) === undefined)
    throw new TsaltError('function-failed', { fun, reason: `${folder} is no virtual environment` })
  return (await answered(fun, [python, '-I', '-B', '-c', program, ...words], look)).replace(/\n$/, '')
}

const sitePackages = 'import sysconfig; print(sysconfig.get_path("purelib"))'
const distributionPath =
  'import sys, importlib.metadata as m; print(m.distribution(sys.argv[1]).locate_file(""))'
const resourcePath = `import sys, os, importlib.util
spec = importlib.util.find_spec(sys.argv[1])
folders = spec and spec.submodule_search_locations
path = folders and os.path.join(list(folders)[0], sys.argv[2])
path and os.path.exists(path) or sys.exit("there is no " + sys.argv[2] + " in " + sys.argv[1])
print(path)`

const resource = {
  venv,
  package: needed(nonEmptyText, 'The package, as it is imported.'),
  resource: needed(nonEmptyText, 'Path of the file in it.'),
}

export const virtualenvModule = execModule({
  summary: 'Virtual environments of Python.',
  functions: {
    create: changing(
      'Makes a virtual environment; one that is there stays as it is.',
      'virtualenv.create /srv/app/venv python=python3 user=app',
      {
        path: venv,
        venv_bin: optional(nonEmptyText, '`virtualenv`, `venv`, or a path. Not given: what is installed.'),
        system_site_packages: defaulted(flag, false, 'Packages of the system are seen in it.'),
        clear: defaulted(flag, false, 'Empty it first.'),
        python: optional(nonEmptyText, 'Python of the environment: `python3.11`, or a path.'),
        extra_search_dir: optional(textList, 'Directories with wheels of pip and setuptools (virtualenv).'),
        prompt: optional(text, 'Text before the prompt of a shell in it.'),
        pip: optional(flag, 'Accepted: pip is in every environment.'),
        user: optional(accountName, 'User who makes and owns it.'),
        env_vars: optional(environment, 'Environment variables.'),
        distribute: optional(flag, old),
        never_download: optional(flag, old),
        symlinks: optional(flag, old),
        upgrade: optional(flag, old),
        use_vt: optional(flag, 'Accepted.'),
        saltenv: optional(text, 'Accepted.'),
      },
      async ({ path, pip, symlinks, upgrade, saltenv, ...given }, context) => {
        const { comment } = await byState('virtualenv.managed', { name: path, ...given }, context)
        return { retcode: 0, stdout: comment, stderr: '' }
      },
    ),
    virtualenv_ver: asking(
      'Version of virtualenv, as a list of numbers.',
      'virtualenv.virtualenv_ver virtualenv',
      {
        venv_bin: defaulted(nonEmptyText, 'virtualenv', 'The program.'),
        user: optional(accountName, 'User who runs it.'),
        use_vt: optional(flag, 'Accepted.'),
      },
      async ({ venv_bin, user }, { look }) => {
        const fun = 'virtualenv.virtualenv_ver'
        if (venv_bin.startsWith('-'))
          throw new TsaltError('function-failed', { fun, reason: 'it is no program' })
        const said = await answered(
          fun,
          [venv_bin, '--version'],
          look,
          user === undefined ? {} : { runas: user },
        )
        const version = /(\d+(?:\.\d+)+)/.exec(said)?.[1]
        if (version === undefined)
          throw new TsaltError('function-failed', { fun, reason: `it says no version: ${said.trim()}` })
        return version.split('.').map(Number)
      },
    ),
    get_site_packages: asking(
      'Where the packages of an environment are.',
      'virtualenv.get_site_packages /srv/app/venv',
      { venv },
      async (given, { look }) => printed('virtualenv.get_site_packages', given.venv, sitePackages, [], look),
    ),
    get_distribution_path: asking(
      'Where a distribution is installed in an environment.',
      'virtualenv.get_distribution_path /srv/app/venv Flask',
      { venv, distribution: needed(nonEmptyText, 'Its name.') },
      async (given, { look }) =>
        printed('virtualenv.get_distribution_path', given.venv, distributionPath, [given.distribution], look),
    ),
    get_resource_path: asking(
      'Path of a file that a package in an environment brings.',
      'virtualenv.get_resource_path /srv/app/venv flask py.typed',
      resource,
      async (given, { look }) =>
        printed(
          'virtualenv.get_resource_path',
          given.venv,
          resourcePath,
          [given.package, given.resource],
          look,
        ),
    ),
    get_resource_content: asking(
      'Content of a file that a package in an environment brings.',
      'virtualenv.get_resource_content /srv/app/venv flask py.typed',
      resource,
      async (given, { look }) => {
        const fun = 'virtualenv.get_resource_content'
        const path = await printed(fun, given.venv, resourcePath, [given.package, given.resource], look)
        return Buffer.from(await look.files.read(path)).toString('utf8')
      },
    ),
  },
})
