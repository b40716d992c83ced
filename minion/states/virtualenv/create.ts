/** Making a virtual environment: by virtualenv, or by the module venv of Python. */
import { posix } from 'node:path'
import type { Changer } from '../../system/changer.ts'
import type { CommandOptions, Reader } from '../../system/reader.ts'

export interface EnvironmentWish {
  readonly name: string
  readonly venv_bin?: string
  readonly virtualenv_bin?: string
  readonly python?: string
  readonly system_site_packages: boolean
  readonly clear: boolean
  readonly prompt?: string
  readonly user?: string
  readonly runas?: string
  readonly env_vars?: Readonly<Record<string, string>>
  readonly extra_search_dir?: readonly string[]
}

const isVenvModule = (name: string): boolean => /^(?:pyvenv(?:-[\d.]+)?|venv)$/.test(posix.basename(name))

/** argv without the directory; undefined: the program is not there. */
export async function programOf(
  wanted: EnvironmentWish,
  look: Reader,
): Promise<readonly string[] | undefined> {
  const { venv_bin: named = wanted.virtualenv_bin, python } = wanted
  const isThere = async (program: string): Promise<boolean> =>
    program.startsWith('/')
      ? (await look.files.infoFollowed(program))?.type === 'file'
      : (await look.commands.which(program)) !== undefined
  if (python !== undefined && !(await isThere(python))) return undefined
  if (named !== undefined && !isVenvModule(named))
    return (await isThere(named)) ? virtualenv(named, wanted) : undefined
  if (named === undefined && (await isThere('virtualenv'))) return virtualenv('virtualenv', wanted)
  const interpreter = python ?? 'python3'
  return (await isThere(interpreter)) ? venv(interpreter, wanted) : undefined
}

function virtualenv(
  program: string,
  { python, extra_search_dir = [], ...wanted }: EnvironmentWish,
): string[] {
  return [
    program,
    ...(python === undefined ? [] : [`--python=${python}`]),
    ...extra_search_dir.map((folder) => `--extra-search-dir=${folder}`),
    ...common(wanted),
  ]
}

const venv = (interpreter: string, wanted: EnvironmentWish): string[] => [
  interpreter,
  '-m',
  'venv',
  ...common(wanted),
]

const common = ({ system_site_packages, clear, prompt }: Omit<EnvironmentWish, 'python'>): string[] => [
  ...(system_site_packages ? ['--system-site-packages'] : []),
  ...(clear ? ['--clear'] : []),
  ...(prompt === undefined ? [] : [`--prompt=${prompt}`]),
]

/** @returns what went wrong */
export async function createEnvironment(
  wanted: EnvironmentWish,
  program: readonly string[],
  act: Changer,
): Promise<string | undefined> {
  const { name, env_vars } = wanted
  const user = wanted.user ?? wanted.runas
  if (!(await act.look.files.infoFollowed(name))) {
    const parent = posix.dirname(name)
    if (!(await act.look.files.infoFollowed(parent)))
      await act.files.makeDirectory(parent, { mode: 0o755, parents: true })
    // It belongs to the user before the program fills it, so its parent need not.
    const account = user === undefined ? undefined : await act.look.accounts.user(user)
    const owner = account ? { user: account.uid, group: account.gid } : {}
    await act.files.makeDirectory(name, { mode: 0o755, ...owner })
  }
  const options: CommandOptions = {
    timeout: 600_000,
    ...(user !== undefined && { runas: user }),
    ...(env_vars !== undefined && { env: env_vars }),
  }
  const made = wanted.clear ? {} : { undo: [{ argv: ['rm', '-rf', '--one-file-system', '--', name] }] }
  const { code, stdout, stderr } = await act.commands.run([...program, name], { ...options, ...made })
  if (code === 0) return undefined
  const said = (stderr.trim() || stdout.trim()).split('\n').slice(-15).join('\n')
  return `Failed to create virtualenv: ${said || `${program[0]} ended with ${code}`}`
}
