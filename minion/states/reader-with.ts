/** Readers of which some parts are others. */
import type { PackageReader, Reader } from '../system/reader.ts'

/** Written out, because a spread would lose the members that a reader has from its prototype. */
export function readerWith(look: Reader, others: Partial<Reader>): Reader {
  const { grains, pillar, files, commands, packages, services, accounts, sources, http } = look
  return { grains, pillar, files, commands, packages, services, accounts, sources, http, ...others }
}

export function packagesWith(now: PackageReader, others: Partial<PackageReader>): PackageReader {
  const { sourcesRead, similar, versionInFile, listsAge, group, filesOf, ownerOf, describe } = now
  return {
    installed: () => now.installed(),
    configurationLeft: () => now.configurationLeft(),
    available: (name, fromrepo) => now.available(name, fromrepo),
    compareVersions: (a, b) => now.compareVersions(a, b),
    providedBy: (name) => now.providedBy(name),
    upgrades: (options) => now.upgrades(options),
    downloaded: () => now.downloaded(),
    ...(sourcesRead && { sourcesRead: () => sourcesRead.call(now) }),
    ...(versionInFile && { versionInFile: (content: Uint8Array) => versionInFile.call(now, content) }),
    ...(similar && { similar: (name: string) => similar.call(now, name) }),
    ...(listsAge && { listsAge: () => listsAge.call(now) }),
    ...(group && { group: (name: string) => group.call(now, name) }),
    ...(filesOf && { filesOf: (name: string) => filesOf.call(now, name) }),
    ...(ownerOf && { ownerOf: (path: string) => ownerOf.call(now, path) }),
    ...(describe && { describe: (names: readonly string[]) => describe.call(now, names) }),
    ...others,
  }
}
