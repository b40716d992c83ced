/** Access control lists as getfacl prints them, and what a state wants of them. */
import type { Reader } from '../../system/reader.ts'
import { saidBy } from '../said-by.ts'

export interface AclEntry {
  readonly isDefault: boolean
  readonly type: 'user' | 'group' | 'mask' | 'other'
  /** Empty for the owner, the owning group, the mask and others. */
  readonly name: string
  readonly perms: string
}

export interface FileAcl {
  readonly path: string
  readonly owner: string
  readonly group: string
  readonly entries: readonly AclEntry[]
}

/** getfacl writes blanks, backslashes and bytes beyond ASCII in octal. */
const decoded = (word: string): string =>
  word.includes('\\')
    ? Buffer.from(
        word.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8))),
        'latin1',
      ).toString('utf8')
    : word

export function parseAcls(text: string): FileAcl[] {
  return text
    .split(/\n\n+/)
    .map((block) => parseBlock(block.split('\n')))
    .filter((found) => found !== undefined)
}

function parseBlock(lines: readonly string[]): FileAcl | undefined {
  const about = (word: string): string | undefined =>
    lines.find((line) => line.startsWith(`# ${word}: `))?.slice(word.length + 4)
  const path = about('file')
  if (path === undefined) return undefined
  const entries = lines.flatMap((line): AclEntry[] => {
    const match = /^(default:)?(user|group|mask|other):([^:]*):([r-][w-][xst-])/i.exec(line)
    if (!match) return []
    const [, isDefault, type = '', name = '', perms = ''] = match
    return [
      {
        isDefault: isDefault !== undefined,
        type: type as AclEntry['type'],
        name: decoded(name),
        perms: perms.toLowerCase(),
      },
    ]
  })
  return {
    path: decoded(path),
    owner: decoded(about('owner') ?? ''),
    group: decoded(about('group') ?? ''),
    entries,
  }
}

export interface AclRead {
  readonly acls: readonly FileAcl[]
  /** As printed, which `setfacl --restore` takes back. */
  readonly text: string
}

/** @returns what is wrong, as text */
export async function readAcls(path: string, recurse: boolean, look: Reader): Promise<AclRead | string> {
  const argv = ['getfacl', '--absolute-names', ...(recurse ? ['--recursive', '--physical'] : []), '--', path]
  const { code, stdout, stderr, dropped } = await look.commands.query(argv, { maxOutput: 268_435_456 })
  if (code !== 0) return `getfacl failed: ${saidBy({ code, stderr })}`
  return dropped > 0 ? `${path} holds too much to be looked at` : { acls: parseAcls(stdout), text: stdout }
}

/** `rx`, `r-x` and 5 are the same. @returns undefined: they are no permissions */
export function plainPerms(written: string): string | undefined {
  if (/^[0-7]$/.test(written)) {
    const bits = Number(written)
    return `${bits & 4 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${bits & 1 ? 'x' : '-'}`
  }
  if (!/^[rwx-]{1,3}$/.test(written)) return undefined
  return ['r', 'w', 'x'].map((letter) => (written.includes(letter) ? letter : '-')).join('')
}
