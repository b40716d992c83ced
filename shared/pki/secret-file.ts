/**
 * The one way in which secrets reach the disk and come back: created exclusively with mode 0600 under another name,
 * synced, renamed; read only where nobody else could have read or changed them.
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  type Stats,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Clock } from '../clock.ts'
import { TsaltError } from '../errors/error.ts'

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY, O_DIRECTORY, O_NONBLOCK } = constants

/**
 * Writes a secret, never wider than 0600 and never half.
 * @param options.replace `false` (the default): an existing file is an error, its content stays
 * @throws TsaltError `secret-file-unwritable`
 */
export function writeSecretFile(
  path: string,
  content: string | Uint8Array,
  clock: Clock,
  options: { readonly replace?: boolean } = {},
): void {
  const temporary = join(dirname(path), `.${basename(path)}.${clock.randomHex(8)}`)
  try {
    writeTemporary(temporary, content)
    try {
      // link() refuses an existing name, which rename() would silently replace.
      if (!options.replace) linkSync(temporary, path)
      else renameSync(temporary, path)
    } finally {
      removeIfThere(temporary)
    }
    syncFolder(dirname(path))
  } catch (cause) {
    throw new TsaltError('secret-file-unwritable', { path, reason: reasonOf(cause) }, { cause })
  }
}

function writeTemporary(path: string, content: string | Uint8Array): void {
  const file = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
  try {
    // The umask may have taken bits away, never added any.
    fchmodSync(file, 0o600)
    writeFileSync(file, content)
    fsyncSync(file)
  } catch (error) {
    removeIfThere(path)
    throw error
  } finally {
    closeSync(file)
  }
}

/**
 * Reads a secret that this user owns and nobody else can reach. Absent: undefined.
 * @throws TsaltError `secret-file-loose` (naming the command that mends it), `secret-file-unreadable`
 */
export function readSecretFile(path: string): string | undefined {
  let file: number
  try {
    file = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined
    throw new TsaltError('secret-file-unreadable', { path, reason: reasonOf(cause) }, { cause })
  }
  try {
    const stats = fstatSync(file)
    if (!stats.isFile())
      throw new TsaltError('secret-file-unreadable', { path, reason: 'it is not a regular file' })
    requireTight(path, stats, 0o600)
    return readFileSync(file, 'utf8')
  } finally {
    closeSync(file)
  }
}

/**
 * Makes a folder for secrets (0700) where there is none, and refuses one that others can reach into.
 * @throws TsaltError `secret-file-loose`, `secret-file-unwritable`
 */
export function ensureSecretFolder(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 })
    mkdirSync(path, { mode: 0o700 })
  } catch (cause) {
    if (codeOf(cause) !== 'EEXIST')
      throw new TsaltError('secret-file-unwritable', { path, reason: reasonOf(cause) }, { cause })
  }
  const stats = lstatSync(path)
  if (!stats.isDirectory())
    throw new TsaltError('secret-file-unwritable', { path, reason: 'it is not a folder' })
  requireTight(path, stats, 0o700)
}

function requireTight(path: string, stats: Stats, widest: number): void {
  const user = process.geteuid?.()
  if (user !== undefined && stats.uid !== user && stats.uid !== 0) {
    const parameters = { path, reason: `it belongs to user ${stats.uid}`, command: `chown ${user} ${path}` }
    throw new TsaltError('secret-file-loose', parameters)
  }
  const mode = stats.mode & 0o777
  if ((mode & ~widest) === 0) return
  const reason = `its mode ${mode.toString(8).padStart(4, '0')} lets others in`
  const command = `chmod ${widest.toString(8).padStart(4, '0')} ${path}`
  throw new TsaltError('secret-file-loose', { path, reason, command })
}

function syncFolder(path: string): void {
  const folder = openSync(path, O_RDONLY | O_DIRECTORY)
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}

function reasonOf(error: unknown): string {
  if (codeOf(error) === 'EEXIST') return 'there is one already'
  return error instanceof Error ? error.message : String(error)
}
