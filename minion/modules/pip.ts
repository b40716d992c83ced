/** Execution module `pip`: packages of Python. */
import * as v from 'valibot'
import { TsaltError } from '../../shared/errors/error.ts'
import { defaulted, optional } from '../../shared/schema/argument.ts'
import { environment, nameList, textList } from '../../shared/schema/collections.ts'
import { accountName, flag, nonEmptyText, text } from '../../shared/schema/scalars.ts'
import {
  askPip,
  findPip,
  listPip,
  type PipCaller,
  parseList,
  pipComplaint,
  runPip,
} from '../installers/pip.ts'
import type { CommandResult, Reader } from '../system/reader.ts'
import { execFunction, execModule } from './contract.ts'

const caller = {
  bin_env: optional(nonEmptyText, 'Directory of a virtual environment, or path of a pip or python.'),
  user: optional(accountName, 'User to run pip as.'),
  cwd: optional(nonEmptyText, 'Directory to run pip in.'),
  env_vars: optional(environment, 'Environment variables.'),
}

const failure = (doing: string, reason: string): TsaltError =>
  new TsaltError('package-failed', { manager: `pip ${doing}`, code: '-', reason })

async function pipOf(given: PipCaller, look: Reader): Promise<readonly string[]> {
  const pip = await findPip(given, look)
  if (pip) return pip
  throw failure('', given.bin_env === undefined ? 'it is not installed' : `there is none in ${given.bin_env}`)
}

function checked(doing: string, result: CommandResult): CommandResult {
  if (result.code !== 0) throw failure(doing, pipComplaint(result))
  return result
}

const answered = ({ code, stdout, stderr, pid }: CommandResult) => ({ pid, retcode: code, stdout, stderr })

const many = {
  pkgs: defaulted(nameList, [], 'Packages, by comma or as a list.'),
  requirements: optional(nonEmptyText, 'A requirements file on the minion.'),
}

/** What begins with "-" would be an option. */
function operandsOf({ pkgs, requirements }: { pkgs: readonly string[]; requirements?: string }): string[] {
  const dashed = pkgs.find((one) => one.startsWith('-'))
  if (dashed !== undefined) throw failure('', `"${dashed}" is no package`)
  const file = requirements === undefined ? [] : [`--requirement=${requirements}`]
  return [...file, ...(pkgs.length > 0 ? ['--', ...pkgs] : [])]
}

export const pipModule = execModule({
  summary: 'Packages of Python.',
  functions: {
    list: execFunction({
      summary: 'Installed packages with their versions.',
      args: v.strictObject({ prefix: optional(text, 'Only those whose name begins so.'), ...caller }),
      examples: ["tsalt '*' pip.list", 'tsalt web1 pip.list bin_env=/srv/app/venv'],
      readOnly: true,
      async run({ prefix = '', ...given }, { look }) {
        const list = await listPip(await pipOf(given, look), given, look)
        if (typeof list === 'string') throw failure('list', list)
        const rows = [...list.values()].filter(({ name }) =>
          name.toLowerCase().startsWith(prefix.toLowerCase()),
        )
        return Object.fromEntries(rows.map(({ name, version }) => [name, version]))
      },
    }),
    freeze: execFunction({
      summary: 'Installed packages as lines of a requirements file.',
      args: v.strictObject(caller),
      examples: ['tsalt web1 pip.freeze bin_env=/srv/app/venv'],
      readOnly: true,
      run: async (given, { look }) =>
        checked('freeze', await askPip(await pipOf(given, look), ['freeze', '--all'], given, look))
          .stdout.split('\n')
          .filter((line) => line.trim() !== ''),
    }),
    version: execFunction({
      summary: 'Version of pip.',
      args: v.strictObject({ bin_env: caller.bin_env, cwd: caller.cwd, user: caller.user }),
      examples: ["tsalt '*' pip.version"],
      readOnly: true,
      run: async (given, { look }) =>
        /^pip (\S+)/.exec(
          checked('--version', await askPip(await pipOf(given, look), ['--version'], given, look)).stdout,
        )?.[1] ?? '',
    }),
    list_upgrades: execFunction({
      summary: 'Packages of which there is a newer version, with that version.',
      args: v.strictObject(caller),
      examples: ['tsalt web1 pip.list_upgrades bin_env=/srv/app/venv'],
      readOnly: true,
      async run(given, { look }) {
        const { stdout } = checked(
          'list',
          await askPip(await pipOf(given, look), ['list', '--outdated', '--format=json'], given, look),
        )
        if (!parseList(stdout)) throw failure('list', 'it printed no list')
        const rows: readonly { name: string; latest_version: string; latest_filetype?: string }[] =
          JSON.parse(stdout)
        return Object.fromEntries(
          rows.map((row) => [row.name, `${row.latest_version} [${row.latest_filetype ?? 'wheel'}]`]),
        )
      },
    }),
    is_installed: execFunction({
      summary: 'True where a package is installed.',
      args: v.strictObject({ pkgname: optional(text, 'The package.'), ...caller }),
      examples: ['tsalt web1 pip.is_installed flask bin_env=/srv/app/venv'],
      readOnly: true,
      async run({ pkgname = '', ...given }, { look }) {
        const list = await listPip(await pipOf(given, look), given, look)
        return typeof list !== 'string' && list.has(pkgname.toLowerCase().replace(/[-_.]+/g, '-'))
      },
    }),
    install: execFunction({
      summary: 'Installs packages; tells what pip printed.',
      args: v.strictObject({
        ...many,
        ...caller,
        upgrade: defaulted(flag, false, 'The newest versions that fit.'),
        index_url: optional(text, 'Address of the index.'),
        find_links: optional(textList, 'Directories or pages with packages.'),
        no_index: defaulted(flag, false, 'Look at find_links only.'),
        no_deps: defaulted(flag, false, 'Not what they need.'),
        extra_args: defaulted(textList, [], 'Further options of pip install.'),
      }),
      examples: ["tsalt web1 pip.install 'flask>=2' bin_env=/srv/app/venv"],
      readOnly: false,
      async run(
        { pkgs, requirements, upgrade, index_url, find_links = [], no_index, no_deps, extra_args, ...given },
        { look, act },
      ) {
        const flags = [
          ...(upgrade ? ['--upgrade'] : []),
          ...(no_index ? ['--no-index'] : []),
          ...(no_deps ? ['--no-deps'] : []),
          ...(index_url === undefined ? [] : [`--index-url=${index_url}`]),
          ...find_links.map((one) => `--find-links=${one}`),
          ...extra_args,
        ]
        const operands = operandsOf({ pkgs, ...(requirements !== undefined && { requirements }) })
        return answered(
          await runPip(await pipOf(given, look), ['install', ...flags, ...operands], given, act),
        )
      },
    }),
    uninstall: execFunction({
      summary: 'Removes packages; tells what pip printed.',
      args: v.strictObject({ ...many, ...caller }),
      examples: ['tsalt web1 pip.uninstall flask bin_env=/srv/app/venv'],
      readOnly: false,
      run: async ({ pkgs, requirements, ...given }, { look, act }) =>
        answered(
          await runPip(
            await pipOf(given, look),
            ['uninstall', '-y', ...operandsOf({ pkgs, ...(requirements !== undefined && { requirements }) })],
            given,
            act,
          ),
        ),
    }),
  },
})
