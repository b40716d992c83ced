/** Reads what dnf and yum print. */
import type { PackageGroup } from '../../../system/reader.ts'
import { compareRpmVersions } from '../rpm/version.ts'

export interface Offer {
  readonly candidate: string | undefined
  /** Newest first. */
  readonly versions: readonly string[]
}

const withoutZeroEpoch = (version: string): string => version.replace(/^(?:0|\(none\)):/, '')

/** Lines `name|epoch:version-release|arch|repository` (dnf) or `name.arch version repository` (yum). */
export function parseOffers(text: string): Map<string, Offer> {
  const found = new Map<string, Set<string>>()
  const add = (name: string, version: string): void => {
    const versions = found.get(name) ?? new Set()
    found.set(name, versions.add(withoutZeroEpoch(version)))
  }
  for (const line of text.split('\n')) {
    const [name = '', version, arch = ''] = line.includes('|') ? line.split('|') : listed(line)
    if (name === '' || version === undefined || arch === 'src') continue
    add(name, version)
    add(`${name}.${arch}`, version)
  }
  return new Map(
    [...found].map(([name, all]) => {
      const versions = [...all].sort((a, b) => compareRpmVersions(b, a))
      return [name, { candidate: versions[0], versions }]
    }),
  )
}

/** `name.arch  version  repository`; names may have dots themselves. */
function listed(line: string): string[] {
  const [, name = '', arch = '', version] = /^(\S+)\.(\w+)\s+(\S+)\s+\S+\s*$/.exec(line) ?? []
  return version === undefined ? [] : [name, version, arch]
}

/** What check-update lists: name with and without architecture → version. What replaces other packages comes last, apart. */
export function parseUpdates(text: string): Map<string, { readonly arch: string; readonly version: string }> {
  const found = new Map<string, { arch: string; version: string }>()
  const [updates = ''] = text.split(/^Obsoleting Packages$/m)
  for (const line of updates.split('\n')) {
    const [name, version, arch] = listed(line)
    if (name !== undefined && version !== undefined && arch !== undefined)
      found.set(name, { arch, version: withoutZeroEpoch(version) })
  }
  return found
}

const headings: Readonly<Record<string, keyof PackageGroup>> = {
  'Mandatory Packages': 'mandatory',
  'Default Packages': 'standard',
  'Optional Packages': 'optional',
  'Conditional Packages': 'optional',
}

/** `dnf group info`; undefined: there is no such group. */
export function parseGroup(text: string): PackageGroup | undefined {
  if (!/^\s*(?:Group|Environment Group):/m.test(text)) return undefined
  const group = { mandatory: [] as string[], standard: [] as string[], optional: [] as string[] }
  let part: keyof PackageGroup | undefined
  for (const line of text.split('\n')) {
    const heading = /^\s*([^:]+):\s*$/.exec(line)?.[1]
    if (heading !== undefined) part = headings[heading]
    else if (/^\s*[A-Za-z ]+:\s/.test(line)) part = undefined
    else if (part && line.trim() !== '') group[part].push(line.trim().replace(/^[-+=]/, ''))
  }
  return group
}

/** Names in the list of the versionlock plug-in: `probe-0:1.0-2.*` (dnf), `0:probe-1.0-2.*` (yum). A `!` excludes. */
export function lockedNames(text: string): Map<string, string> {
  const found = new Map<string, string>()
  for (const line of text.split('\n')) {
    const entry = line.trim()
    const name =
      /^(.+)-\d+:[^-]+-[^-]+$/.exec(entry)?.[1] ?? /^\d+:(.+)-[^-]+-[^-]+$/.exec(entry)?.[1] ?? undefined
    if (name !== undefined && !/^[!#]/.test(entry)) found.set(name, entry)
  }
  return found
}
