/** npm: what is installed in a directory or for all, and calling it. */
import type { CommandOptions, CommandResult, Reader } from '../system/reader.ts'

export interface NpmCaller {
  /** Not given: what is installed for all (--global). */
  readonly dir?: string
  readonly user?: string
  readonly env?: Readonly<Record<string, string>>
}

export interface NpmPackage {
  readonly name: string
  readonly version: string
  /** Where it came from: an address or `file:…`. */
  readonly resolved: string
}

export function npmOptions({ dir, user, env }: NpmCaller): CommandOptions {
  return {
    timeout: 3_600_000,
    maxOutput: 16 * 1_048_576,
    env: { NO_UPDATE_NOTIFIER: '1', npm_config_fund: 'false', npm_config_audit: 'false', ...env },
    ...(user !== undefined && { runas: user }),
    ...(dir !== undefined && { cwd: dir }),
  }
}

export const placeWords = ({ dir }: NpmCaller): string[] => (dir === undefined ? ['--global'] : [])

/** @param only `name@range`: what is there of it in this range. @returns what npm complained of, as text */
export async function listNpm(
  caller: NpmCaller,
  look: Reader,
  only: readonly string[] = [],
): Promise<Map<string, NpmPackage> | string> {
  const words = [
    'npm',
    'list',
    '--json',
    '--depth=0',
    ...placeWords(caller),
    ...(only.length > 0 ? ['--', ...only] : []),
  ]
  const result = await look.commands.query(words, npmOptions(caller))
  // npm ends with 1 where something of the tree is missing, and lists the rest all the same.
  return parseNpmList(result.stdout) ?? npmComplaint(result)
}

/** undefined: it is no list. */
export function parseNpmList(text: string): Map<string, NpmPackage> | undefined {
  let tree: unknown
  try {
    tree = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof tree !== 'object' || tree === null) return undefined
  const rows = 'dependencies' in tree ? (tree.dependencies as Readonly<Record<string, Row>>) : {}
  const found = new Map<string, NpmPackage>()
  for (const [name, row] of Object.entries(rows ?? {}))
    if (typeof row.version === 'string' && row.missing !== true)
      found.set(name, { name, version: row.version, resolved: String(row.resolved ?? row.from ?? '') })
  return found
}
interface Row {
  readonly version?: unknown
  readonly missing?: unknown
  readonly resolved?: unknown
  readonly from?: unknown
}

export interface NpmWish {
  readonly text: string
  /** undefined: an address or a path, which names no package. */
  readonly name: string | undefined
  /** Exact version or range; undefined: any. */
  readonly version: string | undefined
}

/** `coffee-script`, `coffee-script@1.0.1`, `@scope/name@^2`, `/srv/x.tgz`, `https://…`, `git+ssh://…`, `user/repository`. */
export function parseNpmWish(text: string): NpmWish {
  const [, name, version] = /^((?:@[\w.~-]+\/)?[A-Za-z0-9_.~-]+)(?:@(.+))?$/.exec(text) ?? []
  const isPath = /^\.{0,2}\/|^~\/|:\/\/|\.tgz$|\.tar\.gz$/.test(text)
  if (isPath || name === undefined) return { text, name: undefined, version: undefined }
  return { text, name, version: version === 'latest' ? undefined : version }
}

export const isExactVersion = (version: string): boolean => /^v?\d+\.\d+\.\d+(?:[-+][\w.+-]+)?$/.test(version)

/** npm prints its errors as lines that begin with "npm ERR!" or "npm error". */
export function npmComplaint({ code, stdout, stderr }: CommandResult): string {
  if (code === 127) return 'npm is not installed'
  const lines = (stderr.trim() || stdout.trim())
    .split('\n')
    .map((line) => line.replace(/^npm (?:ERR!|error) ?/, '').trim())
    .filter((line) => line !== '' && !/A complete log of this run|^npm (?:WARN|warn)/.test(line))
  return (
    lines
      .slice(0, 15)
      .join('\n')
      .replace(/(\/\/[^\s:/@]+):[^\s@/]+@/g, '$1:***@') || `npm ended with ${code}`
  )
}
