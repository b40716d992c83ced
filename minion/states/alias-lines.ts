/** Lines of the file of mail aliases. */

export const aliasFile = '/etc/aliases'

export interface AliasEntry {
  readonly name: string
  readonly target: string
  /** Numbers of its lines: it goes on in lines that begin with a blank. */
  readonly from: number
  readonly to: number
}

export function aliasesIn(lines: readonly string[]): AliasEntry[] {
  const entries: AliasEntry[] = []
  for (const [index, line] of lines.entries()) {
    const last = entries.at(-1)
    if (last !== undefined && last.to === index && /^\s+[^\s#]/.test(line)) {
      const more = line.replace(/\s#.*$/, '').trim()
      entries[entries.length - 1] = { ...last, target: `${last.target} ${more}`.trim(), to: index + 1 }
      continue
    }
    const match = /^\s*("[^"]+"|[^\s:#"][^:#"]*?)\s*:\s*(.*?)\s*$/.exec(line)
    const target = match?.[2]?.replace(/(^|\s)#.*$/, '').trim()
    if (match?.[1] !== undefined)
      entries.push({ name: match[1], target: target ?? '', from: index, to: index + 1 })
  }
  return entries
}

/** Mail programs read names in whatever case, and blanks between addresses do not count. */
export const isSameName = (a: string, b: string): boolean => bare(a) === bare(b)
const bare = (name: string): string => name.replace(/^"(.*)"$/, '$1').toLowerCase()
export const squeezed = (target: string): string => target.replace(/\s*,\s*/g, ',').trim()
