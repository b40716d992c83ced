/** Changes files; before each change the state before it goes into the undo journal. */
import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { basename, dirname, isAbsolute } from 'node:path'
import type { Clock } from '../../shared/clock.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { nextJobId } from '../../shared/ids.ts'
import type { AccountFiles } from './account-files.ts'
import { writeFileAtomic, writeSecretFile } from './atomic-file.ts'
import type { FileChanger, FileTimes, Ownership, WriteOptions } from './changer.ts'
import { withCopy } from './check-copy.ts'
import { type RunCommand, shellQuoted } from './command.ts'
import { fileError } from './file-errors.ts'
import { makeHardLink, moveEntry } from './file-moves.ts'
import { hashFile } from './file-reader.ts'
import { removeTree, statOf } from './file-removal.ts'
import { giveTo, type Ids, onEntry } from './held-entry.ts'
import { openSafeDirectory } from './safe-directory.ts'
import type { UndoEntry } from './undo-entry.ts'
import type { UndoJournal } from './undo-journal.ts'
import { recordBefore } from './undo-record.ts'

export interface FileChangerParts {
  readonly accounts: AccountFiles
  readonly journal: UndoJournal
  readonly clock: Clock
  /** For check commands. */
  readonly run: RunCommand
  /** Called after every change. */
  readonly changed: () => void
}

export class OsFileChanger implements FileChanger {
  readonly #parts: FileChangerParts

  constructor(parts: FileChangerParts) {
    this.#parts = parts
  }

  async write(path: string, content: Uint8Array, options: WriteOptions = {}): Promise<void> {
    absolute(path)
    const before = statOf(path)
    if (before?.isDirectory()) {
      throw new TsaltError('file-unwritable', { path, reason: 'it is a directory' })
    }
    const replaced = before?.isFile() ? before : undefined
    const owner = await this.#ids(options)
    const after = createHash('sha256').update(content).digest('hex')
    await this.#change(path, after, async () => {
      if (options.backupTo !== undefined && replaced) this.#backup(path, options.backupTo)
      await writeFileAtomic(path, content, {
        mode: options.mode ?? (replaced ? replaced.mode & 0o7777 : 0o644),
        ...(replaced ? { uid: replaced.uid, gid: replaced.gid } : {}),
        ...owner,
        clock: this.#parts.clock,
        check: (temporary) => this.#check(path, temporary, content, options),
      })
    })
  }

  async makeDirectory(
    path: string,
    options: Ownership & { readonly mode?: number; readonly parents?: boolean } = {},
  ): Promise<void> {
    absolute(path)
    const owner = await this.#ids(options)
    const missing = missingParts(path, options.parents ?? false)
    for (const part of missing) {
      await this.#change(part, undefined, async () => makeOne(part, options.mode ?? 0o755, owner))
    }
    if (missing.length > 0) return
    if (!fs.statSync(path).isDirectory()) {
      throw new TsaltError('file-unwritable', { path, reason: 'something else than a directory is there' })
    }
    if (options.mode !== undefined) await this.setMode(path, options.mode)
    if (options.user !== undefined || options.group !== undefined) await this.setOwner(path, options)
  }

  async setMode(path: string, mode: number): Promise<void> {
    absolute(path)
    const real = realPath(path)
    await this.#change(
      real,
      undefined,
      async () => onEntry(path, true, (entry) => fs.chmodSync(entry, mode)),
      true,
    )
  }

  async setOwner(path: string, owner: Ownership): Promise<void> {
    absolute(path)
    const ids = await this.#ids(owner)
    await this.#change(
      path,
      undefined,
      async () => onEntry(path, false, (entry) => giveTo(path, entry, ids)),
      true,
    )
  }

  async symlink(path: string, target: string, owner: Ownership = {}): Promise<void> {
    absolute(path)
    const ids = await this.#ids(owner)
    await this.#change(path, undefined, async () => {
      const directory = openSafeDirectory(dirname(path))
      const temporary = `${directory.at}/.${basename(path).slice(0, 100)}.${this.#parts.clock.randomHex(8)}`
      try {
        fs.symlinkSync(target, temporary)
        giveTo(path, temporary, ids)
        fs.renameSync(temporary, `${directory.at}/${basename(path)}`)
        directory.sync()
      } finally {
        fs.rmSync(temporary, { force: true })
        directory.close()
      }
    })
  }

  async setTimes(path: string, times: FileTimes): Promise<void> {
    absolute(path)
    const before = fs.statSync(realPath(path))
    const { accessed = before.atimeMs, modified = before.mtimeMs } = times
    const journalled = { path, accessed: before.atimeMs, modified: before.mtimeMs }
    await this.#recorded(path, { kind: 'times', ...journalled }, () =>
      onEntry(path, true, (entry) => fs.utimesSync(entry, accessed / 1_000, modified / 1_000)),
    )
  }

  async hardLink(path: string, target: string): Promise<void> {
    absolute(path)
    absolute(target)
    await this.#change(path, hashFile(target), async () => makeHardLink(path, target, this.#parts.clock))
  }

  async move(from: string, to: string): Promise<boolean> {
    absolute(from)
    absolute(to)
    let moved = false
    const before = statOf(from)
    if (!before) throw new TsaltError('file-unwritable', { path: from, reason: 'nothing is there' })
    const { dev, ino } = before
    await this.#recorded(to, { kind: 'moved', path: to, from, identity: `${dev}:${ino}` }, () => {
      moved = moveEntry(from, to)
    })
    return moved
  }

  async remove(path: string): Promise<void> {
    absolute(path)
    if (path.split('/').every((part) => part === '' || part === '.')) {
      throw new TsaltError('file-unwritable', { path, reason: 'the root of the file system is not removed' })
    }
    try {
      removeTree(path, this.#parts.journal)
    } catch (error) {
      throw fileError('file-unwritable', path, error)
    } finally {
      this.#parts.changed()
    }
  }

  async #recorded(path: string, entry: UndoEntry, action: () => void): Promise<void> {
    try {
      this.#parts.journal.record(entry)
      action()
    } catch (error) {
      throw fileError('file-unwritable', path, error)
    } finally {
      this.#parts.changed()
    }
  }

  /** Journal first, then the change, then what was remembered of the machine is forgotten. */
  async #change(
    path: string,
    after: string | undefined,
    action: () => Promise<void>,
    attributesOnly = false,
  ): Promise<void> {
    try {
      recordBefore(this.#parts.journal, path, { after, attributesOnly })
      await action()
    } catch (error) {
      throw fileError('file-unwritable', path, error)
    } finally {
      this.#parts.changed()
    }
  }

  async #ids({ user, group }: Ownership): Promise<Ids> {
    const uid = typeof user === 'string' ? await this.#uid(user) : user
    const gid = typeof group === 'string' ? await this.#gid(group) : group
    return { ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }) }
  }

  async #uid(name: string): Promise<number> {
    const found = await this.#parts.accounts.user(name)
    if (found) return found.uid
    if (/^\d+$/.test(name)) return Number(name)
    throw new TsaltError('user-unknown', { name })
  }

  async #gid(name: string): Promise<number> {
    const found = await this.#parts.accounts.group(name)
    if (found) return found.gid
    if (/^\d+$/.test(name)) return Number(name)
    throw new TsaltError('group-unknown', { name })
  }

  /** `<backupTo>/etc/redis/redis.conf_20261122040800123000`, readable by its owner only. */
  #backup(path: string, backupTo: string): void {
    const stamp = nextJobId(this.#parts.clock.now(), undefined)
    const kept = `${backupTo}${path}_${stamp}`
    fs.mkdirSync(dirname(kept), { recursive: true, mode: 0o700 })
    writeSecretFile(kept, fs.readFileSync(path), { walk: false })
  }

  async #check(
    path: string,
    temporary: string,
    content: Uint8Array,
    { checkCommand: command, checkCopy }: WriteOptions,
  ): Promise<void> {
    if (command === undefined) return
    const ask = (checked: string) => this.#parts.run(`${command} ${shellQuoted(checked)}`)
    const result = checkCopy === undefined ? await ask(temporary) : await withCopy(content, checkCopy, ask)
    if (result.code === 0) return
    const output = `${result.stdout}\n${result.stderr}`.trim().slice(-2_000) || '(no output)'
    throw new TsaltError('check-command-failed', { path, command, code: result.code, output })
  }
}

/** What a link leads to, since that is what gets the mode and must be journalled. */
function realPath(path: string): string {
  try {
    return fs.realpathSync(path)
  } catch (error) {
    throw fileError('file-unwritable', path, error)
  }
}

function absolute(path: string): void {
  if (isAbsolute(path) && !path.includes('\0')) return
  throw new TsaltError('file-unwritable', { path, reason: 'the path is not absolute' })
}

/** Directories to be made, outermost first. */
function missingParts(path: string, parents: boolean): string[] {
  const missing: string[] = []
  for (let at = path; !fs.existsSync(at); at = dirname(at)) {
    if (statOf(at))
      throw new TsaltError('file-unwritable', { path, reason: `${at} is a link that leads nowhere` })
    missing.unshift(at)
    if (!parents) break
  }
  return missing
}

function makeOne(path: string, mode: number, owner: Ids): void {
  const directory = openSafeDirectory(dirname(path))
  const entry = `${directory.at}/${basename(path)}`
  try {
    fs.mkdirSync(entry, { mode: mode & 0o700 })
    giveTo(path, entry, owner)
    fs.chmodSync(entry, mode)
    directory.sync()
  } finally {
    directory.close()
  }
}
