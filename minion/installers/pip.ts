/** pip: which one is meant, what it lists, what it would install, and calling it. */
import { posix } from 'node:path'
import type { Changer, RunOptions, UndoStep } from '../system/changer.ts'
import type { CommandOptions, CommandResult, Reader } from '../system/reader.ts'
import { pythonName } from './python-requirement.ts'

export interface PipCaller {
  /** Directory of a virtual environment, a pip, or a python. */
  readonly bin_env?: string
  readonly user?: string
  readonly cwd?: string
  readonly env_vars?: Readonly<Record<string, string>>
}

export interface PipPackage {
  readonly name: string
  readonly version: string
  /** Where an editable one is. */
  readonly editable: string | undefined
}

/** argv that calls pip; undefined: there is none. */
export async function findPip({ bin_env }: PipCaller, look: Reader): Promise<readonly string[] | undefined> {
  if (bin_env === undefined) {
    for (const program of ['pip3', 'pip'])
      if ((await look.commands.which(program)) !== undefined) return [program]
    return undefined
  }
  const info = await look.files.infoFollowed(bin_env)
  if (info?.type === 'directory') {
    for (const name of ['pip', 'pip3']) {
      const path = posix.join(bin_env, 'bin', name)
      if (await look.files.infoFollowed(path)) return [path]
    }
    const python = posix.join(bin_env, 'bin/python')
    return (await look.files.infoFollowed(python)) ? [python, '-m', 'pip'] : undefined
  }
  const isThere =
    info?.type === 'file' || (!bin_env.includes('/') && (await look.commands.which(bin_env)) !== undefined)
  if (!isThere) return undefined
  return /^python[\d.]*$/.test(posix.basename(bin_env)) ? [bin_env, '-m', 'pip'] : [bin_env]
}

/** Milliseconds: building a package takes its time. */
const timeout = 3_600_000
const environment = { PIP_DISABLE_PIP_VERSION_CHECK: '1', PIP_NO_INPUT: '1', PIP_NO_COLOR: '1' }

const optionsOf = ({ user, cwd, env_vars }: PipCaller): CommandOptions => ({
  timeout,
  maxOutput: 16 * 1_048_576,
  env: { ...environment, ...env_vars },
  ...(user !== undefined && { runas: user }),
  ...(cwd !== undefined && { cwd }),
})

export const askPip = (
  pip: readonly string[],
  words: readonly string[],
  caller: PipCaller,
  look: Reader,
): Promise<CommandResult> => look.commands.query([...pip, ...words], optionsOf(caller))

export function runPip(
  pip: readonly string[],
  words: readonly string[],
  caller: PipCaller,
  act: Changer,
  undo: readonly (readonly string[])[] = [],
): Promise<CommandResult> {
  const { user, cwd, env_vars } = caller
  const step = (argv: readonly string[]): UndoStep => ({
    argv: [...pip, ...argv],
    env: { ...environment, ...env_vars },
    ...(user !== undefined && { runas: user }),
    ...(cwd !== undefined && { cwd }),
  })
  const options: RunOptions =
    undo.length === 0 ? optionsOf(caller) : { ...optionsOf(caller), undo: undo.map(step) }
  return act.commands.run([...pip, ...words], options)
}

/** By normalized name. @returns what pip complained of, as text */
export async function listPip(
  pip: readonly string[],
  caller: PipCaller,
  look: Reader,
): Promise<Map<string, PipPackage> | string> {
  const result = await askPip(pip, ['list', '--format=json'], caller, look)
  const listed = result.code === 0 ? parseList(result.stdout) : undefined
  return listed ?? pipComplaint(result)
}

/** undefined: it is no list. */
export function parseList(text: string): Map<string, PipPackage> | undefined {
  const rows = parseJson(text)
  if (!Array.isArray(rows)) return undefined
  const found = new Map<string, PipPackage>()
  for (const { name, version, editable_project_location: editable } of rows as Row[])
    found.set(pythonName(String(name)), {
      name: String(name),
      version: String(version),
      editable: typeof editable === 'string' ? editable : undefined,
    })
  return found
}
type Row = Readonly<Record<string, unknown>>

function parseJson(text: string): unknown {
  try {
    // Old versions of pip print warnings around it.
    return JSON.parse(/^[[{][\s\S]*[\]}]$/m.exec(text.trim())?.[0] ?? '')
  } catch {
    return undefined
  }
}

/**
 * What pip would install, of the requirements and what they need.
 * @returns undefined where this pip cannot tell (before 22.2, or what it complains of)
 */
export async function wouldInstall(
  pip: readonly string[],
  words: readonly string[],
  caller: PipCaller,
  look: Reader,
): Promise<PipPackage[] | undefined> {
  const { code, stdout } = await askPip(
    pip,
    ['install', '--dry-run', '--quiet', '--report', '-', ...words],
    caller,
    look,
  )
  const report = code === 0 ? parseJson(stdout) : undefined
  const rows =
    typeof report === 'object' && report !== null && 'install' in report ? report.install : undefined
  if (!Array.isArray(rows)) return undefined
  return (rows as { metadata?: Row }[]).map(({ metadata = {} }) => ({
    name: String(metadata['name']),
    version: String(metadata['version']),
    editable: undefined,
  }))
}

/** The last lines of what pip printed, with what to do where that is known. */
export function pipComplaint({ code, stdout, stderr }: CommandResult): string {
  const said = `${stderr}\n${stdout}`
  if (said.includes('externally-managed-environment'))
    return 'The system keeps this Python for its own packages (externally-managed-environment)\n  hint: Give "bin_env" of a virtual environment (virtualenv.managed), take the package of the system (pkg.installed), or add "extra_args: [--break-system-packages]".'
  const lines = (stderr.trim() || stdout.trim()).split('\n').filter((line) => line.trim() !== '')
  return withoutPasswords(lines.slice(-15).join('\n')) || `pip ended with ${code}`
}

/** Addresses of indexes have passwords in them. */
export const withoutPasswords = (text: string): string =>
  text.replace(/(\w+:\/\/[^\s:/@]+):[^\s@/]+@/g, '$1:***@')
