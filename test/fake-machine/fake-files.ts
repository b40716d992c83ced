/** A file system of plain data: inodes by absolute path, links followed as the kernel does. */
import { createHash } from 'node:crypto'
import type { EntryLook } from '../../minion/system/entry-look.ts'
import type { FileInfo, FileReader, FileType } from '../../minion/system/reader.ts'
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
  accessed: number
  /** The same for all names of one file. */
  id: number
}

/** What a change says of an entry; times and identity come by themselves. */
export type NewInode = Omit<Inode, 'modified' | 'accessed' | 'id'> & Partial<Inode>

const nothing = new Uint8Array()
const defaultModes: Readonly<Partial<Record<FileType, number>>> = { directory: 0o755, symlink: 0o777 }

export class FakeFiles implements FileReader {
  readonly inodes = new Map<string, Inode>()
  readonly accounts: FakeAccounts
  /** Stands for the clock: every change is a second later than the one before. */
  #time = 1_000_000_000_000
  #nextId = 1

  constructor(files: Readonly<Record<string, string | FileData>>, accounts: FakeAccounts) {
    this.accounts = accounts
    this.inodes.set('/', this.#inode('directory', 0o755))
    for (const [path, data] of Object.entries(files))
      this.#place(path, typeof data === 'string' ? { content: data } : data)
    accounts.makeHome = ({ home, uid, gid }) => {
      if (home.startsWith('/') && !this.inodes.has(home)) {
        this.#place(home, { type: 'directory' })
        Object.assign(this.inodes.get(home) ?? {}, { uid, gid })
      }
    }
    for (const user of accounts.userTable.values())
      if (!accounts.homeless.has(user.name)) accounts.makeHome(user)
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

  async readPart(path: string, offset: number, length: number) {
    return this.#regular(path).content.subarray(offset, offset + length)
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

  /** What the undo journal sees. */
  readonly entries: EntryLook = {
    entry: (path) => {
      const inode = this.#at(path)
      if (!inode) return undefined
      const { type, mode, uid, gid, content } = inode
      return { type, mode, uid, gid, size: content.length }
    },
    target: (path) => this.#at(path)?.target ?? '',
    read: (path) => this.#regular(path).content,
    list: (path) => this.children(this.resolve(path, true) ?? path),
  }

  #at(path: string): Inode | undefined {
    const real = this.resolve(path, false)
    return real === undefined ? undefined : this.inodes.get(real)
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

  put(path: string, inode: NewInode): void {
    this.#time += 1_000
    const fresh = { modified: this.#time, accessed: this.#time, id: this.#nextId++ }
    this.inodes.set(path, { ...fresh, ...inode })
  }

  /** As put, with the directories that are missing on the way. */
  putBelow(path: string, inode: NewInode): void {
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
    const { type, mode, uid, gid, modified, accessed, id, target } = inode
    const size = type === 'symlink' ? Buffer.byteLength(target) : inode.content.length
    const names = { user: this.accounts.userName(uid), group: this.accounts.groupName(gid) }
    const links = [...this.inodes.values()].filter((other) => other.id === id).length
    const times = { modified, accessed, changed: modified, identity: `0:${id}`, links }
    return { type, mode, uid, gid, ...names, size, ...times, ...(type === 'symlink' ? { target } : {}) }
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
    return {
      type,
      mode,
      uid: 0,
      gid: 0,
      content: nothing,
      target: '',
      modified: this.#time,
      accessed: this.#time,
      id: this.#nextId++,
    }
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
      modified: data.modified ?? this.#time,
      accessed: data.accessed ?? data.modified ?? this.#time,
      ...(data.sameAs === undefined ? {} : { id: this.inodes.get(data.sameAs)?.id ?? 0 }),
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
