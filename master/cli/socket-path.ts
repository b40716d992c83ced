/** Where the master's socket is, found without loading the whole configuration where that is possible. */
import { readdirSync, readFileSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'

export interface ConfigPlace {
  /** Folder with the file `master`; default `/etc/tsalt`, below root_dir where that is given. */
  readonly configDir: string | undefined
  readonly rootDir: string | undefined
}

const defaultSocket = '/run/tsalt/master.sock'

export function configFileOf(place: ConfigPlace): string {
  if (place.configDir !== undefined) return join(resolve(place.configDir), 'master')
  return join(resolve(place.rootDir ?? '/'), 'etc/tsalt/master')
}

/**
 * Only `socket` and `root_dir` matter here, and in most configurations they are plain lines or absent. Anything else
 * (quotes, anchors, flow style) goes through the real loader, which costs the command line some 15 ms.
 * @throws TsaltError of the configuration
 */
export async function socketPath(place: ConfigPlace): Promise<string> {
  const found = quickRead(configFileOf(place))
  if (found !== undefined) {
    const root = resolve(place.rootDir ?? found.get('root_dir') ?? '/')
    const socket = found.get('socket') ?? defaultSocket
    if (root === '/' || socket.startsWith(`${root}/`)) return resolve(socket)
    return isAbsolute(socket) ? join(root, socket) : resolve(root, socket)
  }
  const [{ loadOptions }, { masterOptions }] = await Promise.all([
    import('../../shared/config/load.ts'),
    import('../../shared/config/master-options.ts'),
  ])
  return loadOptions(masterOptions, configFileOf(place), { root_dir: place.rootDir }).socket
}

/** undefined: not simple enough. */
function quickRead(file: string): Map<string, string> | undefined {
  const found = new Map<string, string>()
  for (const path of [file, ...foldersConfigs(`${file}.d`)]) {
    const text = read(path)
    if (text === undefined) return undefined
    for (const line of text.split('\n')) {
      const relevant = /socket|root_dir/.test(line) || /^(?:---|[?{%])/.test(line)
      if (!relevant || /^\s*#/.test(line)) continue
      const simple = /^(socket|root_dir|socket_group):[ \t]+([\w./-]+)[ \t]*(?:#.*)?$/.exec(line)
      if (simple?.[1] === undefined || simple[2] === undefined) return undefined
      found.set(simple[1], simple[2])
    }
  }
  return found
}

function foldersConfigs(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.conf'))
      .sort()
      .map((name) => join(folder, name))
  } catch {
    // Missing or unreadable: the loader would say so, but the main file may do without it.
    return []
  }
}

/** '' for a missing file; undefined for one that must be left to the loader and its errors. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    // The configuration is 0750: an operator of the socket's group need not be able to read it.
    const code = (error as NodeJS.ErrnoException).code
    return code === 'ENOENT' || code === 'EACCES' ? '' : undefined
  }
}
