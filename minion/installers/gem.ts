/** gem: what is installed, what a version has to be, and calling it. */
import { posix } from 'node:path'
import type { CommandOptions, CommandResult, Reader } from '../system/reader.ts'

export interface GemCaller {
  /** Path of the gem program. */
  readonly gem_bin?: string
  /** Ruby and gemset of RVM. */
  readonly ruby?: string
  readonly user?: string
}

/** argv without the verb. */
export function gemProgram({ gem_bin, ruby }: GemCaller): string[] {
  if (gem_bin !== undefined) return [gem_bin]
  return ruby === undefined ? ['gem'] : ['rvm', ruby, 'do', 'gem']
}

export const gemOptions = ({ user }: GemCaller): CommandOptions => ({
  timeout: 3_600_000,
  maxOutput: 16 * 1_048_576,
  ...(user !== undefined && { runas: user }),
})

/** Name → versions, newest first. @returns what gem complained of, as text */
export async function listGems(caller: GemCaller, look: Reader): Promise<Map<string, string[]> | string> {
  const result = await look.commands.query([...gemProgram(caller), 'list', '--local'], gemOptions(caller))
  return result.code === 0 ? parseGemList(result.stdout) : gemComplaint(result)
}

/** `rake (13.0.6, default: 12.3)`, `nokogiri (1.15.0 x86_64-linux)` */
export function parseGemList(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const [, name, versions = ''] = /^(\S+) \(([^)]*)\)\s*$/.exec(line) ?? []
    if (name === undefined) continue
    found.set(
      name,
      versions.split(',').map(
        (one) =>
          one
            .trim()
            .replace(/^default: /, '')
            .split(' ')[0] ?? '',
      ),
    )
  }
  return found
}

export interface GemFile {
  readonly name: string
  readonly version: string
}

/** `/srv/foo-bar-1.2.0.gem` */
export function parseGemFile(path: string): GemFile | undefined {
  const [, name, version] = /^(.+?)-(\d[^-]*)(?:-[^/]*)?\.gem$/.exec(posix.basename(path)) ?? []
  return name === undefined || version === undefined ? undefined : { name, version }
}

type Segment = number | string

/** A letter begins a segment of its own, and zeros at the end of a run of numbers say nothing. */
function segmentsOf(version: string): Segment[] {
  const all = [...version.matchAll(/\d+|[A-Za-z]+/g)].map(([one]) => (/^\d/.test(one) ? Number(one) : one))
  const at = all.findIndex((one) => typeof one === 'string')
  const [numbers, rest] = at < 0 ? [all, []] : [all.slice(0, at), all.slice(at)]
  const trimmed = (list: Segment[]): Segment[] => {
    const last = list.findLastIndex((one) => one !== 0)
    return list.slice(0, last + 1)
  }
  return [...trimmed(numbers), ...trimmed(rest)]
}

/** <0, 0, >0; letters make a version older: 1.0.a < 1.0. */
export function compareGemVersions(a: string, b: string): number {
  const left = segmentsOf(a)
  const right = segmentsOf(b)
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const one = left[index] ?? 0
    const other = right[index] ?? 0
    if (one === other) continue
    if (typeof one === typeof other) return one < other ? -1 : 1
    return typeof one === 'string' ? -1 : 1
  }
  return 0
}

const clause = /^(~>|>=|<=|!=|==?|>|<)?\s*(\d[0-9A-Za-z.]*)$/

/** `1.2`, `>= 1, < 2`, `~> 1.2`; undefined: it cannot be read. */
export function parseGemRequirement(text: string): ((version: string) => boolean) | undefined {
  const tests = text.split(',').map((part) => {
    const [, sign = '=', bound] = clause.exec(part.trim()) ?? []
    return bound === undefined ? undefined : (version: string) => fits(version, sign, bound)
  })
  return tests.includes(undefined) ? undefined : (version) => tests.every((one) => one?.(version))
}

function fits(version: string, sign: string, bound: string): boolean {
  const order = compareGemVersions(version, bound)
  if (sign === '~>') {
    // The last number may grow: ~> 1.2.3 is below 1.3.
    const parts = bound.replace(/\.?[A-Za-z].*$/, '').split('.')
    const kept = parts.length > 1 ? parts.slice(0, -1) : parts
    const limit = [...kept.slice(0, -1), String(Number(kept.at(-1)) + 1)].join('.')
    return order >= 0 && compareGemVersions(version.replace(/\.?[A-Za-z].*$/, ''), limit) < 0
  }
  if (sign === '>=') return order >= 0
  if (sign === '<=') return order <= 0
  if (sign === '>') return order > 0
  if (sign === '<') return order < 0
  return (order === 0) === (sign !== '!=')
}

export function gemComplaint({ code, stdout, stderr }: CommandResult): string {
  if (code === 127) return 'gem is not installed'
  const lines = (stderr.trim() || stdout.trim()).split('\n').filter((line) => line.trim() !== '')
  return (
    lines
      .slice(-15)
      .join('\n')
      .replace(/(\/\/[^\s:/@]+):[^\s@/]+@/g, '$1:***@') || `gem ended with ${code}`
  )
}
