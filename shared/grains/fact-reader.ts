/** How grains look at the machine: small text files, names in folders, links. Never throws, never starts a process. */
import { closeSync, existsSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs'

export interface FactReader {
  /** The first 64 KiB of a file. undefined: not there or not readable. */
  text(path: string): string | undefined
  /** Names in a folder, sorted; empty where there is none. */
  names(path: string): string[]
  link(path: string): string | undefined
  exists(path: string): boolean
}

const mostRead = 65_536

export const systemFacts: FactReader = {
  text(path) {
    try {
      const file = openSync(path, 'r')
      try {
        const bytes = Buffer.alloc(mostRead)
        let filled = 0
        // Files of /proc come in pieces.
        for (let read = -1; read !== 0 && filled < mostRead; filled += read)
          read = readSync(file, bytes, filled, mostRead - filled, null)
        return bytes.toString('utf8', 0, filled)
      } finally {
        closeSync(file)
      }
    } catch {
      return undefined
    }
  },
  names(path) {
    try {
      return readdirSync(path).sort()
    } catch {
      return []
    }
  },
  link(path) {
    try {
      return readlinkSync(path)
    } catch {
      return undefined
    }
  },
  exists: existsSync,
}

/** First line without its end; undefined where the file is missing or empty. */
export function firstLine(facts: FactReader, path: string): string | undefined {
  const line = facts.text(path)?.split('\n', 1)[0]?.trim()
  return line === '' ? undefined : line
}

/** `KEY=value` and `KEY="value"` lines, as in /etc/os-release. */
export function assignments(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const line of text.split('\n')) {
    const match = /^\s*([A-Za-z_]\w*)=(.*)$/.exec(line)
    if (!match) continue
    const raw = (match[2] ?? '').trim()
    const quoted = /^"((?:[^"\\]|\\.)*)"$|^'([^']*)'$/.exec(raw)
    found.set(match[1] ?? '', quoted ? (quoted[1]?.replace(/\\(.)/g, '$1') ?? quoted[2] ?? '') : raw)
  }
  return found
}
