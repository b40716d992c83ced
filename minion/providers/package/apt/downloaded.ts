/** Package files that apt keeps: `/var/cache/apt/archives/NAME_VERSION_ARCHITECTURE.deb`. */
import * as fs from 'node:fs'

export function downloadedDebs(folder: string): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const file of fs.existsSync(folder) ? fs.readdirSync(folder) : []) {
    const match = /^([^_]+)_([^_]+)_[^_]+\.deb$/.exec(file)
    if (!match) continue
    const [, name = '', written = ''] = match
    // The colon of an epoch cannot stand in every file name.
    const version = written.replace(/%3a/gi, ':')
    found.set(name, [...(found.get(name) ?? []), version])
  }
  return found
}
