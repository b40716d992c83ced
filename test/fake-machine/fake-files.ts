/** A file system of plain data: inodes by absolute path, links followed as the kernel does. */
import { createHash } from 'node:crypto'
import type { FileChanger, Ownership, WriteOptions } from '../../minion/system/changer.ts'
import type { CommandResult, FileInfo, FileReader, FileType } from '../../minion/system/reader.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import type { Sha256 } from '../../shared/ids.ts'
import type { FakeAccounts } from './fake-accounts.ts'
import type { FileData } from './machine-data.ts'

export interface Inode {
  type: FileType
  mode: number
  uid: number
  gid: number
  content: Uint8Array
  target: string
  modified: number
}

const nothing = new Uint8Array()
const defaultModes: Readonly<Partial<Record<FileType, number>>> = { directory: 0o755, symlink: 0o777 }

export class FakeFiles implements FileReader {
  readonly inodes = new Map<string, Inode>()
  readonly accounts: FakeAccounts
  /** Stands for the clock: every change is a second later than the one before. */
  #time = 1_000_000_000_000

  constructor(files: Readonly<Record<string, string | FileData>>, accounts: FakeAccounts) {
    this.accounts = accounts
    this.inodes.set('/', this.#inode('directory', 0o755))
    for (const [path, data] of Object.entries(files))
      this.#place(path, typeof data === 'string' ? { content: data } : data)
  }

  async info(path: string) {
    return this.#info(this.resolve(path, false))
  }

  async infoFollowed(path: string) {
    return this.#info(this.resolve(path, true))
  }

  typeOf(path: string) {
    return this.#info(this.resolve(path, true))?.type
  }

  async read(path: string, limit = Number.POSITIVE_INFINITY) {
    const inode = this.#regular(path)
    if (inode.content.length > limit) throw new TsaltError('file-too-large', { path, limit })
    return inode.content
  }

  async hash(path: string) {
    return createHash('sha256').update(this.#regular(path).content).digest('hex') as Sha256
  }

  async list(path: string) {
    const real = this.resolve(path, true)
    const inode = real === undefined ? undefined : this.inodes.get(real)
    if (real === undefined || !inode) throw unreadable(path, 'no such file or directory')
    if (inode.type !== 'directory') throw unreadable(path, 'a part of the path is not a directory')
    return this.children(real).sort((a, b) => (a < b ? -1 : 1))
  }

  children(real: string): string[] {
    const prefix = real === '/' ? '/' : `${real}/`
    return [...this.inodes.keys()]
      .filter((path) => path !== '/' && path.startsWith(prefix) && !path.slice(prefix.length).includes('/'))
      .map((path) => path.slice(prefix.length))
  }

  /** The path with links in it followed; undefined where a parent is missing or links go in a circle. */
  resolve(path: string, followLast: boolean, links = 0): string | undefined {
    if (links > 40) return undefined
    const parts = path.split('/').filter((part) => part !== '' && part !== '.')
    let at = '/'
    for (const [index, part] of parts.entries()) {
      if (part === '..') {
        at = parentOf(at)
        continue
      }
      const next = at === '/' ? `/${part}` : `${at}/${part}`
      const last = index === parts.length - 1
      const inode = this.inodes.get(next)
      if (inode?.type === 'symlink' && (!last || followLast)) {
        const target = inode.target.startsWith('/') ? inode.target : `${at}/${inode.target}`
        return this.resolve([target, ...parts.slice(index + 1)].join('/'), followLast, links + 1)
      }
      if (!last && inode?.type !== 'directory') return undefined
      at = next
    }
    return at
  }

  put(path: string, inode: Omit<Inode, 'modified'>): void {
    this.#time += 1_000
    this.inodes.set(path, { ...inode, modified: this.#time })
  }

  /** As put, with the directories that are missing on the way. */
  putBelow(path: string, inode: Omit<Inode, 'modified'>): void {
    this.#makeParents(path, 0o700)
    this.put(path, inode)
  }

  #makeParents(path: string, mode: number): void {
    for (let parent = parentOf(path); !this.inodes.has(parent); parent = parentOf(parent)) {
      this.inodes.set(parent, this.#inode('directory', mode))
    }
  }

  #info(real: string | undefined): FileInfo | undefined {
    const inode = real === undefined ? undefined : this.inodes.get(real)
    if (!inode) return undefined
    const { type, mode, uid, gid, modified, target } = inode
    const size = type === 'symlink' ? Buffer.byteLength(target) : inode.content.length
    const names = { user: this.accounts.userName(uid), group: this.accounts.groupName(gid) }
    return { type, mode, uid, gid, ...names, size, modified, ...(type === 'symlink' ? { target } : {}) }
  }

  #regular(path: string): Inode {
    const real = this.resolve(path, true)
    const inode = real === undefined ? undefined : this.inodes.get(real)
    if (!inode) throw unreadable(path, 'no such file or directory')
    if (inode.type === 'directory') throw unreadable(path, 'it is a directory, not a file')
    if (inode.type !== 'file') throw unreadable(path, `it is a ${inode.type}, not a file`)
    return inode
  }

  #inode(type: FileType, mode: number): Inode {
    return { type, mode, uid: 0, gid: 0, content: nothing, target: '', modified: this.#time }
  }

  #place(path: string, data: FileData): void {
    const type = data.type ?? (data.target === undefined ? 'file' : 'symlink')
    this.#makeParents(path, 0o755)
    const content =
      data.base64 === undefined ? Buffer.from(data.content ?? '') : Buffer.from(data.base64, 'base64')
    this.inodes.set(path, {
      ...this.#inode(type, data.mode ?? defaultModes[type] ?? 0o644),
      uid: data.user === undefined ? 0 : this.accounts.uid(data.user),
      gid: data.group === undefined ? 0 : this.accounts.gid(data.group),
      content: new Uint8Array(content),
      target: data.target ?? '',
    })
  }
}

function unreadable(path: string, reason: string): TsaltError {
  return new TsaltError('file-unreadable', { path, reason })
}

export function unwritable(path: string, reason: string): TsaltError {
  return new TsaltError('file-unwritable', { path, reason })
}

export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}

export class FakeFileChanger implements FileChanger {
  readonly #files: FakeFiles
  readonly #note: (action: string) => void
  readonly #run: (command: string) => Promise<CommandResult>

  constructor(
    files: FakeFiles,
    note: (action: string) => void,
    run: (command: string) => Promise<CommandResult>,
  ) {
    this.#files = files
    this.#note = note
    this.#run = run
  }

  async write(path: string, content: Uint8Array, options: WriteOptions = {}): Promise<void> {
    const real = this.#place(path)
    const before = this.#files.inodes.get(real)
    if (before?.type === 'directory') throw unwritable(path, 'it is a directory')
    const replaced = before?.type === 'file' ? before : undefined
    const owner = this.#ids(options)
    await this.#check(path, options.checkCommand)
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
      this.#files.put(followed ?? path, { ...there, mode: options.mode ?? there.mode, ...owner })
      return
    }
    const parent = this.#files.resolve(parentOf(path), true)
    if (options.parents && (parent === undefined || !this.#files.inodes.has(parent))) {
      await this.makeDirectory(parentOf(path), options)
    }
    const directory = { type: 'directory', uid: 0, gid: 0, content: new Uint8Array(), target: '' } as const
    this.#files.put(this.#place(path), { ...directory, mode: options.mode ?? 0o755, ...owner })
    this.#note(`mkdir ${path}`)
  }

  async setMode(path: string, mode: number): Promise<void> {
    const { real, inode } = this.#entry(path, true)
    this.#files.put(real, { ...inode, mode })
    this.#note(`chmod ${path} ${mode.toString(8)}`)
  }

  async setOwner(path: string, owner: Ownership): Promise<void> {
    const { real, inode } = this.#entry(path, false)
    this.#files.put(real, { ...inode, ...this.#ids(owner) })
    this.#note(`chown ${path}`)
  }

  async symlink(path: string, target: string, owner: Ownership = {}): Promise<void> {
    const real = this.#place(path)
    if (this.#files.inodes.get(real)?.type === 'directory') throw unwritable(path, 'it is a directory')
    const link = { type: 'symlink', mode: 0o777, uid: 0, gid: 0, content: new Uint8Array(), target } as const
    this.#files.put(real, { ...link, ...this.#ids(owner) })
    this.#note(`symlink ${path} ${target}`)
  }

  async remove(path: string): Promise<void> {
    if (path === '/') throw unwritable(path, 'the root of the file system is not removed')
    const real = this.#files.resolve(path, false)
    if (real === undefined || !this.#files.inodes.has(real)) return
    for (const key of [...this.#files.inodes.keys()]) {
      if (key === real || key.startsWith(`${real}/`)) this.#files.inodes.delete(key)
    }
    this.#note(`remove ${path}`)
  }

  async #check(path: string, command: string | undefined): Promise<void> {
    if (command === undefined) return
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
