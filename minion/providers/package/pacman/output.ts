/** Reads what pacman prints, and its configuration. */
import type { PackageStep } from '../../../system/reader.ts'

/** `pacman -Q`: `name version`. */
export const parseQuery = (text: string): Map<string, string> =>
  new Map(
    text.split('\n').flatMap((line): [string, string][] => {
      const [name = '', version] = line.trim().split(' ')
      return version === undefined ? [] : [[name, version]]
    }),
  )

/** `pacman -Si`: name → versions, the repository that is asked first being first. */
export function parseSyncInfo(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>()
  let name = ''
  for (const line of text.split('\n')) {
    const [, key, value = ''] = /^(Name|Version)\s*:\s*(\S+)/.exec(line) ?? []
    if (key === 'Name') name = value
    else if (key === 'Version' && name !== '')
      found.set(name, [...new Set([...(found.get(name) ?? []), value])])
  }
  return found
}

/** `pacman -Qu`: `name old -> new`, with `[ignored]` behind what is held. */
export function parseUpgrades(text: string): PackageStep[] {
  return text.split('\n').flatMap((line): PackageStep[] => {
    const [, name = '', from = '', to = '', ignored] =
      /^(\S+) (\S+) -> (\S+)( \[ignored\])?\s*$/.exec(line) ?? []
    return name === '' || ignored ? [] : [{ name, from, to }]
  })
}

/** Names under `IgnorePkg` of pacman.conf. */
export function ignoredPackages(text: string): Set<string> {
  return new Set(
    [...text.matchAll(/^[ \t]*IgnorePkg[ \t]*=[ \t]*(.*)$/gm)].flatMap(([, names = '']) =>
      names
        .trim()
        .split(/\s+/)
        .filter((name) => name !== ''),
    ),
  )
}
