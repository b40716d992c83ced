/** The few file operations that the job journal is made of, as a port: tests count them, cut them short or fill the disk. */
import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, readFile, rename, rm } from 'node:fs/promises'

export interface DiskFile {
  /** Writes all bytes at a position. @throws the system's error; part of them may be written then */
  write(bytes: Uint8Array, position: number): Promise<void>
  read(position: number, length: number): Promise<Uint8Array>
  /** Returns when the content is on the disk. An error is final: what was written since the last one may be lost. */
  sync(): Promise<void>
  truncate(length: number): Promise<void>
  close(): Promise<void>
}

export interface Disk {
  /** Makes a folder (0700) and its parents. */
  makeFolder(path: string): Promise<void>
  /** undefined: no such file. */
  load(path: string): Promise<Uint8Array | undefined>
  /** Opens for reading and writing, made (0600) where it is missing; `empty` cuts it to nothing. */
  open(path: string, empty: boolean): Promise<DiskFile>
  rename(from: string, to: string): Promise<void>
  remove(path: string): Promise<void>
  /** Returns when the folder's entries are on the disk. */
  syncFolder(path: string): Promise<void>
}

export const systemDisk: Disk = {
  makeFolder: async (path) => {
    await mkdir(path, { recursive: true, mode: 0o700 })
  },
  load: async (path) => {
    try {
      return await readFile(path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  },
  open: async (path, empty) => {
    const { O_RDWR, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants
    return systemFile(await open(path, O_RDWR | O_CREAT | O_NOFOLLOW | (empty ? O_TRUNC : 0), 0o600))
  },
  rename,
  remove: (path) => rm(path, { force: true }),
  syncFolder: async (path) => {
    const folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY)
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  },
}

function systemFile(handle: FileHandle): DiskFile {
  return {
    write: async (bytes, position) => {
      let done = 0
      while (done < bytes.length) {
        const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done)
        done += bytesWritten
      }
    },
    read: async (position, length) => {
      const bytes = Buffer.alloc(length)
      const { bytesRead } = await handle.read(bytes, 0, length, position)
      return bytes.subarray(0, bytesRead)
    },
    sync: () => handle.datasync(),
    truncate: (length) => handle.truncate(length),
    close: () => handle.close(),
  }
}
