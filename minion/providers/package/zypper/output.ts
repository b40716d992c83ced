/** Reads what zypper prints with --xmlout, and its file of locks. */
import type { PackageStep } from '../../../system/reader.ts'
import { compareRpmVersions } from '../rpm/version.ts'

export interface Offer {
  readonly candidate: string | undefined
  /** Newest first. */
  readonly versions: readonly string[]
}

type Attributes = Readonly<Record<string, string>>

/** Every `<solvable …>` of the text, with the section (`to-upgrade`, …) that it is in. */
function solvables(text: string): { readonly section: string; readonly attributes: Attributes }[] {
  const found: { section: string; attributes: Attributes }[] = []
  let section = ''
  for (const [, close, name = '', rest = ''] of text.matchAll(
    /<(\/?)([\w-]+)((?:\s+[\w-]+="[^"]*")*)\s*\/?>/g,
  )) {
    if (/^to-/.test(name)) section = close ? '' : name
    else if (name === 'solvable' && !close) found.push({ section, attributes: attributesOf(rest) })
  }
  return found
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

const attributesOf = (text: string): Attributes =>
  Object.fromEntries(
    [...text.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [
      key,
      value.replace(/&(\w+);/g, (whole, name: string) => entities[name] ?? whole),
    ]),
  )

/** `zypper search -s`: what repositories offer; what is installed only is left out. */
export function parseSearch(text: string): Map<string, Offer> {
  const found = new Map<string, Set<string>>()
  for (const { attributes } of solvables(text)) {
    const { name = '', edition = '', repository = '', kind } = attributes
    if (kind !== 'package' || edition === '' || repository === '(System Packages)') continue
    found.set(name, (found.get(name) ?? new Set()).add(edition))
  }
  return new Map(
    [...found].map(([name, all]) => {
      const versions = [...all].sort((a, b) => compareRpmVersions(b, a))
      return [name, { candidate: versions[0], versions }]
    }),
  )
}

/** The summary that an update prints before it asks. */
export function parseSummary(text: string): PackageStep[] {
  return solvables(text)
    .filter(({ section, attributes: { type } }) => section !== '' && type === 'package')
    .map(({ section, attributes }) => {
      const { name = '', edition = '' } = attributes
      const removed = section === 'to-remove'
      const from = removed ? edition : (attributes['edition-old'] ?? '')
      return { name, from, to: removed ? '' : edition }
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Names in /etc/zypp/locks, which has a paragraph for each lock. */
export function lockedPackages(text: string): Set<string> {
  return new Set([...text.matchAll(/^\s*solvable_name:\s*(\S+)\s*$/gm)].map(([, name = '']) => name))
}
