/** Looks for secrets that others can read or change, trees that the wrong ones can change, and folders of no use. */
import { accessSync, constants, readdirSync, readFileSync, type Stats, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { MasterOptions } from '../../shared/config/master-options.ts'
import type { MinionOptions } from '../../shared/config/minion-options.ts'
import { shellWord } from '../../shared/output/shell-word.ts'
import { brokenLink } from '../audit/audit-log.ts'
import type { Finding } from './finding.ts'

/** @param folder of the configuration */
export function looseFiles(folder: string, master: MasterOptions, minion: MinionOptions): readonly Finding[] {
  const store = dirname(master.store)
  const daemon = statOf(store)?.uid ?? 0
  const near = (path: string): string[] => ['', '-wal', '-shm', '.lock'].map((end) => path + end)
  return [
    ...secret(folder, 0o750, 0),
    ...configurations(folder),
    ...secretFolder(master.pki_dir, daemon),
    ...secret(store, 0o700, daemon),
    ...[...near(master.store), join(store, 'file-hashes')].flatMap((file) => secret(file, 0o600, daemon)),
    ...[master.audit_log, master.log_file].flatMap((file) => logFile(file, daemon)),
    ...secret(master.socket, 0o660, daemon),
    ...secret(master.gpg_keydir, 0o700, daemon),
    ...secret(master.age_identities, 0o600, daemon),
    ...Object.values(master.file_roots)
      .flat()
      .flatMap((root) => tree(root, daemon, false)),
    ...Object.values(master.pillar_roots)
      .flat()
      .flatMap((root) => tree(root, daemon, true)),
    ...audit(master.audit_log),
    ...secretFolder(minion.pki_dir, 0),
    ...secret(minion.state_dir, 0o700, 0),
    ...logFile(minion.log_file, 0),
  ]
}

/** Owner and mode of one file or folder; nothing where there is none. */
function secret(path: string, widest: number, owner: number): Finding[] {
  let stats: Stats | undefined
  try {
    stats = statSync(path, { throwIfNoEntry: false })
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    return [
      { problem: `${path} cannot be looked at (${code}); run this as root`, command: 'sudo tsalt doctor' },
    ]
  }
  if (stats === undefined) return []
  const found: Finding[] = []
  const { uid, mode } = stats
  if (uid !== owner && uid !== 0 && uid !== process.geteuid?.())
    found.push({ problem: `${path} belongs to user ${uid}`, command: `chown ${owner} ${shellWord(path)}` })
  if ((mode & 0o777 & ~widest) !== 0)
    found.push({
      problem: `${path} has the mode ${octal(mode)}, which lets others in`,
      command: `chmod ${octal(mode & widest)} ${shellWord(path)}`,
    })
  if (stats.isDirectory()) found.push(...unwritable(path))
  return found
}

function secretFolder(folder: string, owner: number): Finding[] {
  return [
    ...secret(folder, 0o700, owner),
    ...namesIn(folder).flatMap((name) => secret(join(folder, name), 0o600, owner)),
  ]
}

function logFile(file: string, owner: number): Finding[] {
  return [...unwritable(dirname(file)), ...secret(file, 0o600, owner)]
}

/** A configuration may hold a join token; and who may write it decides what runs as root. */
function configurations(folder: string): Finding[] {
  const files = ['master', 'minion'].flatMap((name) => [
    join(folder, name),
    ...namesIn(join(folder, `${name}.d`)).map((more) => join(folder, `${name}.d`, more)),
  ])
  return files.flatMap((file) => secret(file, holdsToken(file) ? 0o600 : 0o744, 0))
}

function holdsToken(file: string): boolean {
  try {
    return /^\s*join_token:\s*\S/m.test(readFileSync(file, 'utf8'))
  } catch {
    // Missing, or a folder; what cannot be read is reported by its mode or owner.
    return false
  }
}

function tree(root: string, daemon: number, isPillar: boolean): Finding[] {
  const stats = statOf(root)
  if (stats === undefined) return []
  const found: Finding[] = []
  const path = shellWord(root)
  if ((stats.mode & 0o022) !== 0)
    found.push({
      problem: `${root} may be written by others than its owner: who does, is root on every minion`,
      command: `chmod -R go-w ${path}`,
    })
  if (daemon !== 0 && stats.uid === daemon && process.geteuid?.() === 0)
    found.push({
      problem: `${root} may be written by the user of the master itself`,
      command: `chown -R root ${path}`,
    })
  if (isPillar && (stats.mode & 0o005) !== 0 && isReachable(root))
    found.push({
      problem: `${root}, where secrets are, may be read by everybody on this machine`,
      command: `chmod o-rwx ${path}`,
    })
  return found
}

/** May everybody pass through the folders above? */
function isReachable(path: string): boolean {
  for (let at = dirname(path); ; at = dirname(at)) {
    const mode = statOf(at)?.mode ?? 0
    if ((mode & 0o001) === 0) return false
    if (at === '/') return true
  }
}

function unwritable(folder: string): Finding[] {
  const stats = statOf(folder)
  const user = process.geteuid?.()
  // Only who is meant to write can tell: root, or the owner.
  if (stats === undefined || (user !== 0 && user !== stats.uid)) return []
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
    return []
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    const problem = `${folder} cannot be written (${code})`
    if (code !== 'EACCES') return [{ problem, command: `findmnt --target ${shellWord(folder)}` }]
    return [{ problem, command: `chmod u+rwx ${shellWord(folder)}` }]
  }
}

function audit(file: string): Finding[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    // Not there yet, or reported by its mode.
    return []
  }
  const line = brokenLink(text)
  return line === undefined
    ? []
    : [{ problem: `${file} was cut or edited: line ${line} does not continue the one before` }]
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    // Missing; or closed, which its own line says.
    return []
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

const octal = (mode: number): string => (mode & 0o777).toString(8).padStart(4, '0')
