/** A changer under a `umask`: what the state says nothing of gets no more rights than the mask leaves. */
import type { Changer } from '../system/changer.ts'

const newFile = 0o666
const newDirectory = 0o777

export function maskedChanger(act: Changer, umask: number): Changer {
  const { files, commands, look } = act
  return {
    look,
    signal: act.signal,
    packages: act.packages,
    services: act.services,
    accounts: act.accounts,
    http: act.http,
    commands: { run: (command, options) => commands.run(command, { umask, ...options }) },
    files: {
      write: async (path, content, options) => {
        const open = options?.mode === undefined && (await look.files.infoFollowed(path)) === undefined
        return files.write(path, content, open ? { ...options, mode: newFile & ~umask } : options)
      },
      makeDirectory: async (path, options) => {
        const open = options?.mode === undefined && (await look.files.infoFollowed(path)) === undefined
        return files.makeDirectory(path, open ? { ...options, mode: newDirectory & ~umask } : options)
      },
      setMode: (path, mode) => files.setMode(path, mode),
      setOwner: (path, owner) => files.setOwner(path, owner),
      symlink: (path, target, owner) => files.symlink(path, target, owner),
      setTimes: (path, times) => files.setTimes(path, times),
      hardLink: (path, target) => files.hardLink(path, target),
      move: (from, to) => files.move(from, to),
      remove: (path) => files.remove(path),
    },
  }
}
