/** Reads apk's database of what is installed, and what apk prints. */
import type { InstalledPackage, PackageStep } from '../../../system/reader.ts'

export interface ApkDatabase {
  readonly installed: ReadonlyMap<string, InstalledPackage>
  /** Virtual name → who provides it. */
  readonly provided: ReadonlyMap<string, string>
  readonly files: ReadonlyMap<string, readonly string[]>
}

/** /lib/apk/db/installed: paragraphs of `P:name`, `V:version`, `A:architecture`, `p:provides`, `F:folder`, `R:file`. */
export function parseDatabase(text: string, world: ReadonlySet<string>): ApkDatabase {
  const installed = new Map<string, InstalledPackage>()
  const provided = new Map<string, string>()
  const files = new Map<string, string[]>()
  for (const paragraph of text.split('\n\n')) {
    const lines = paragraph.split('\n')
    const field = (key: string): string => lines.find((line) => line.startsWith(`${key}:`))?.slice(2) ?? ''
    const name = field('P')
    if (name === '') continue
    installed.set(name, { name, version: field('V'), architecture: field('A'), held: world.has(name) })
    for (const one of field('p').split(' ')) if (one !== '') provided.set(one.split(/[=<>~]/)[0] ?? one, name)
    files.set(name, ownedFiles(lines))
  }
  return { installed, provided, files }
}

function ownedFiles(lines: readonly string[]): string[] {
  let folder = ''
  return lines.flatMap((line) => {
    if (line.startsWith('F:')) folder = line.slice(2)
    return line.startsWith('R:') ? [`/${folder === '' ? '' : `${folder}/`}${line.slice(2)}`] : []
  })
}

/** Names of /etc/apk/world that are pinned to a version, `name=1.2-r0`: apk keeps them there. */
export function pinnedNames(text: string): Set<string> {
  return new Set(text.split('\n').flatMap((line) => /^([^=<>~@\s]+)=/.exec(line.trim())?.[1] ?? []))
}

/** `apk policy`: what repositories offer, newest first; what is installed only is left out. */
export function parsePolicy(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>()
  let name = ''
  let version = ''
  for (const line of text.split('\n')) {
    const heading = /^(\S+) policy:$/.exec(line)?.[1]
    if (heading !== undefined) name = heading
    else if (/^ {2}\S+:$/.test(line)) version = line.trim().slice(0, -1)
    else if (/^ {4}\S/.test(line) && !line.trim().endsWith('lib/apk/db/installed')) {
      const versions = found.get(name) ?? []
      // apk lists the oldest first.
      found.set(name, versions.includes(version) ? versions : [version, ...versions])
    }
  }
  return found
}

/** `apk upgrade --simulate`: `(1/3) Upgrading busybox (1.36.1-r4 -> 1.36.1-r5)`, `Installing x (1)`, `Purging y (2)`. */
export function parseSimulation(text: string): PackageStep[] {
  return text
    .split('\n')
    .flatMap((line): PackageStep[] => {
      const match =
        /^\(\d+\/\d+\) (Upgrading|Downgrading|Replacing|Installing|Purging) (\S+) \((\S+)(?: -> (\S+))?\)/.exec(
          line,
        )
      if (!match) return []
      const [, verb, name = '', first = '', second] = match
      if (second !== undefined) return [{ name, from: first, to: second }]
      return [verb === 'Purging' ? { name, from: first, to: '' } : { name, from: '', to: first }]
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}
