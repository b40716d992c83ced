/** What the package sources offer, from `apt-cache policy`. */

export interface Offer {
  /** What apt would install; undefined: nothing (a purely virtual name, or pinned away). */
  readonly candidate: string | undefined
  /** Versions that a source offers, newest first. */
  readonly versions: readonly string[]
}

/** Names that apt does not know are absent from the answer. */
export function parsePolicy(text: string): Map<string, Offer> {
  const offers = new Map<string, Offer>()
  let versions: string[] = []
  let row: string | undefined
  let name: string | undefined
  for (const line of text.split('\n')) {
    const heading = /^(\S+):$/.exec(line)?.[1]
    if (heading !== undefined) {
      versions = []
      row = undefined
      name = heading
      offers.set(heading, { candidate: undefined, versions })
      continue
    }
    const candidate = /^ {2}Candidate: (\S+)/.exec(line)?.[1]
    if (candidate !== undefined && name !== undefined && candidate !== '(none)') {
      offers.set(name, { candidate, versions })
    }
    const version = /^(?: {5}| \*\*\* )(\S+) -?\d+/.exec(line)?.[1]
    if (version !== undefined) row = version
    // A version that only dpkg knows is installed but cannot be fetched.
    const source = /^ {8,}-?\d+ (\S.*)$/.exec(line)?.[1]
    if (source !== undefined && row !== undefined && !source.endsWith('/var/lib/dpkg/status')) {
      if (!versions.includes(row)) versions.push(row)
    }
  }
  return offers
}
