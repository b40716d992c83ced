/** The minion's configuration as its programs find it, and the id that follows from it. */
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { loadOptions } from '../../shared/config/load.ts'
import { type MinionOptions, minionOptions } from '../../shared/config/minion-options.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { systemFacts } from '../../shared/grains/fact-reader.ts'
import { ownName } from '../../shared/grains/network.ts'
import { isMinionId, type MinionId, parseMinionId } from '../../shared/ids.ts'
import type { OptionWord } from './words.ts'

export const placeWords = {
  configDir: {
    names: ['-c', '--config-dir'],
    value: 'DIR',
    help: 'folder with the file minion (default: /etc/tsalt)',
  },
  rootDir: { names: ['--root-dir'], value: 'DIR', help: 'every path is below this folder' },
  id: { names: ['--id'], value: 'ID', help: "this minion's id" },
  logLevel: {
    names: ['-l', '--log-level'],
    value: 'LEVEL',
    help: 'least severe message that reaches the log',
  },
  help: { names: ['-h', '--help'], help: 'print this help' },
  version: { names: ['--version'], help: 'print the version' },
  versions: {
    names: ['-V', '--versions-report'],
    help: 'print the versions of tsalt, Node.js, libraries and the system',
  },
} as const satisfies Record<string, OptionWord>
export type PlaceName = keyof typeof placeWords

export interface MinionConfig {
  readonly options: MinionOptions
  readonly id: MinionId
  /** The main file, whether it exists or not. */
  readonly file: string
  readonly folder: string
}

/** @throws TsaltError of the configuration, `minion-id-unclear` */
export function readConfig(
  words: Partial<Record<PlaceName, string>>,
  overrides: Readonly<Record<string, unknown>> = {},
): MinionConfig {
  const folder =
    words.configDir === undefined
      ? join(resolve(words.rootDir ?? '/'), 'etc/tsalt')
      : resolve(words.configDir)
  const file = join(folder, 'minion')
  const options = loadOptions(minionOptions, file, {
    root_dir: words.rootDir,
    id: words.id,
    log_level: words.logLevel,
    ...overrides,
  })
  return { options, id: idOf(options.id, folder), file, folder: dirname(file) }
}

/** `id` of the configuration, the file `minion_id`, or the name of this machine. */
function idOf(configured: string, folder: string): MinionId {
  if (configured !== '') return parseMinionId(configured)
  const kept = readKeptId(join(folder, 'minion_id'))
  if (kept !== undefined) return parseMinionId(kept)
  const name = ownName(systemFacts, hostname()).toLowerCase()
  if (/^localhost(?:\.|$)/.test(name))
    throw new TsaltError('minion-id-unclear', { name, reason: 'every machine has that name' })
  if (!isMinionId(name))
    throw new TsaltError('minion-id-unclear', { name, reason: 'it has characters that ids have not' })
  return name
}

function readKeptId(path: string): string | undefined {
  try {
    const text = readFileSync(path, 'utf8').trim()
    return text === '' ? undefined : text
  } catch {
    return undefined
  }
}
