/** Changes the file system of plain data. */
import { createHash } from 'node:crypto'
import type { FileChanger, FileTimes, Ownership, WriteOptions } from '../../minion/system/changer.ts'
import type { CommandResult } from '../../minion/system/reader.ts'
import type { UndoJournal } from '../../minion/system/undo-journal.ts'
import { recordBefore, recordTree } from '../../minion/system/undo-record.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { type FakeFiles, type Inode, parentOf, unwritable } from './fake-files.ts'

export class FakeFileChanger implements FileChanger {
  readonly #files: FakeFiles
  readonly #note: (action: string) => void
  readonly #run: (command: string) => Promise<CommandResult>
  readonly #journal: UndoJournal

  constructor(
    files: FakeFiles,
    journal: UndoJournal,
    note: (action: string) => void,
    run: (command: string) => Promise<CommandResult>,
  ) {
    this.#files = files
    this.#journal = journal
    this.#note = note
    this.#run = run
  }

  #record(path: string, options: { after?: string; attributesOnly?: boolean } = {}): void {
    recordBefore(this.#journal, path, { ...options, look: this.#files.entries })
  }

  async write(path: string, content: Uint8Array, options: WriteOptions = {}): Promise<void> {
    const real = this.#place(path)
    const before = this.#files.inodes.get(real)
    if (before?.type === 'directory') throw unwritable(path, 'it is a directory')
    const replaced = before?.type === 'file' ? before : undefined
    const owner = this.#ids(options)
    this.#record(path, { after: createHash('sha256').update(content).digest('hex') })
    await this.#check(path, options)
    if (replaced && options.backupTo !== undefined) {
      this.#files.putBelow(`${options.backupTo}${path}_backup`, { ...replaced, mode: 0o600 })
    }
    this.#files.put(real, {
      type: 'file',
      mode: options.mode ?? replaced?.mode ?? 0o644,
      uid: owner.uid ?? replaced?.uid ?? 0,
      gid: owner.gid ?? replaced?.gid ?? 0,
      content: new Uint8Array(content),
      target: '',
    })
    this.#note(`write ${path}`)
  }

  async makeDirectory(
    path: string,
    options: Ownership & { readonly mode?: number; readonly parents?: boolean } = {},
  ): Promise<void> {
    const owner = this.#ids(options)
    const followed = this.#files.resolve(path, true)
    const there = followed === undefined ? undefined : this.#files.inodes.get(followed)
    if (there) {
      if (there.type !== 'directory') throw unwritable(path, 'something else than a directory is there')
      this.#record(path, { attributesOnly: true })
      this.#files.put(followed ?? path, { ...there, mode: options.mode ?? there.mode, ...owner })
      return
    }
    const parent = this.#files.resolve(parentOf(path), true)
    if (options.parents && (parent === undefined || !this.#files.inodes.has(parent))) {
      await this.makeDirectory(parentOf(path), options)
    }
    const place = this.#place(path)
    this.#record(path)
    const directory = { type: 'directory', uid: 0, gid: 0, content: new Uint8Array(), target: '' } as const
    this.#files.put(place, { ...directory, mode: options.mode ?? 0o755, ...owner })
    this.#note(`mkdir ${path}`)
  }

  async setMode(path: string, mode: number): Promise<void> {
    const { real, inode } = this.#entry(path, true)
    this.#record(real, { attributesOnly: true })
    this.#files.put(real, { ...inode, mode })
    this.#note(`chmod ${path} ${mode.toString(8)}`)
  }

  async setOwner(path: string, owner: Ownership): Promise<void> {
    const { real, inode } = this.#entry(path, false)
    const ids = this.#ids(owner)
    this.#record(path, { attributesOnly: true })
    this.#files.put(real, { ...inode, ...ids })
    this.#note(`chown ${path}`)
  }

  async symlink(path: string, target: string, owner: Ownership = {}): Promise<void> {
    const real = this.#place(path)
    if (this.#files.inodes.get(real)?.type === 'directory') throw unwritable(path, 'it is a directory')
    const link = { type: 'symlink', mode: 0o777, uid: 0, gid: 0, content: new Uint8Array(), target } as const
    const ids = this.#ids(owner)
    this.#record(path)
    this.#files.put(real, { ...link, ...ids })
    this.#note(`symlink ${path} ${target}`)
  }

  async setTimes(path: string, { accessed, modified }: FileTimes): Promise<void> {
    const { real, inode } = this.#entry(path, true)
    const before = { accessed: inode.accessed, modified: inode.modified }
    this.#journal.record({ kind: 'times', path, ...before })
    this.#files.put(real, {
      ...inode,
      accessed: accessed ?? inode.accessed,
      modified: modified ?? inode.modified,
    })
    this.#note(`touch ${path}`)
  }

  async hardLink(path: string, target: string): Promise<void> {
    const { inode } = this.#entry(target, false)
    if (inode.type !== 'file') throw unwritable(path, `${target} is no regular file`)
    const place = this.#place(path)
    this.#record(path, { after: createHash('sha256').update(inode.content).digest('hex') })
    this.#files.inodes.set(place, inode)
    this.#note(`link ${path} ${target}`)
  }

  async move(from: string, to: string): Promise<boolean> {
    const { real, inode: moved } = this.#entry(from, false)
    const place = this.#place(to)
    if (this.#files.inodes.has(place)) throw unwritable(to, 'something is there already')
    this.#journal.record({ kind: 'moved', path: to, from, identity: `0:${moved.id}` })
    for (const [key, inode] of [...this.#files.inodes]) {
      if (key !== real && !key.startsWith(`${real}/`)) continue
      this.#files.inodes.delete(key)
      this.#files.inodes.set(place + key.slice(real.length), inode)
    }
    this.#note(`move ${from} ${to}`)
    return true
  }

  async remove(path: string): Promise<void> {
    if (path === '/') throw unwritable(path, 'the root of the file system is not removed')
    const real = this.#files.resolve(path, false)
    if (real === undefined || !this.#files.inodes.has(real)) return
    recordTree(this.#journal, path, this.#files.entries)
    for (const key of [...this.#files.inodes.keys()]) {
      if (key === real || key.startsWith(`${real}/`)) this.#files.inodes.delete(key)
    }
    this.#note(`remove ${path}`)
  }

  async #check(path: string, { checkCommand: command, checkCopy }: WriteOptions): Promise<void> {
    if (command === undefined) return
    if (checkCopy?.folder !== undefined) this.#place(`${checkCopy.folder}/copy`)
    const { code, stdout, stderr } = await this.#run(command)
    if (code === 0) return
    throw new TsaltError('check-command-failed', { path, command, code, output: `${stdout}${stderr}`.trim() })
  }

  /** Where an entry goes: its parent, links followed, must be a directory. */
  #place(path: string): string {
    if (!path.startsWith('/')) throw unwritable(path, 'the path is not absolute')
    const parent = this.#files.resolve(parentOf(path), true)
    if (parent === undefined || this.#files.inodes.get(parent)?.type !== 'directory') {
      throw unwritable(path, 'no such file or directory')
    }
    return `${parent === '/' ? '' : parent}/${path.slice(path.lastIndexOf('/') + 1)}`
  }

  #entry(path: string, follow: boolean): { real: string; inode: Inode } {
    const real = this.#files.resolve(path, follow)
    const inode = real === undefined ? undefined : this.#files.inodes.get(real)
    if (real === undefined || !inode) throw unwritable(path, 'no such file or directory')
    return { real, inode }
  }

  #ids({ user, group }: Ownership): { uid?: number; gid?: number } {
    return {
      ...(user === undefined
        ? {}
        : { uid: typeof user === 'number' ? user : this.#files.accounts.uid(user) }),
      ...(group === undefined
        ? {}
        : { gid: typeof group === 'number' ? group : this.#files.accounts.gid(group) }),
    }
  }
}
