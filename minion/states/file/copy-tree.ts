/** A file, link or directory of this machine copied: what differs from the copy that is there, and making it. */
import type { Changer } from '../../system/changer.ts'
import type { FileInfo, Reader } from '../../system/reader.ts'
import { type Attributes, attributeChanges, ownership } from './attributes.ts'

/** What every entry of the copy gets; a mode is that of the top alone. undefined: what the original has. */
export type CopyWish = Attributes

export async function isSameCopy(from: string, to: string, wish: CopyWish, look: Reader): Promise<boolean> {
  const [original, copy] = [await look.files.info(from), await look.files.info(to)]
  if (!original || original.type !== copy?.type) return false
  if (Object.keys(attributeChanges(copy, attributesFor(original, wish))).length > 0) return false
  if (original.type === 'symlink') return original.target === copy.target
  if (original.type === 'file')
    return original.size === copy.size && (await look.files.hash(from)) === (await look.files.hash(to))
  if (original.type !== 'directory') return false
  const names = await look.files.list(from)
  if (names.join('\0') !== (await look.files.list(to)).join('\0')) return false
  for (const name of names)
    if (!(await isSameCopy(`${from}/${name}`, `${to}/${name}`, withoutMode(wish), look))) return false
  return true
}

/** Fifos, sockets and devices are left out. */
export async function copyTree(from: string, to: string, wish: CopyWish, act: Changer): Promise<void> {
  const { files, look } = act
  const original = await look.files.info(from)
  if (!original) return
  const attributes = attributesFor(original, wish)
  const owner = ownership(attributes)
  const mode = attributes.mode ?? original.mode
  if (original.type === 'symlink') return files.symlink(to, original.target ?? '', owner)
  if (original.type === 'file') return files.write(to, await look.files.read(from), { ...owner, mode })
  if (original.type !== 'directory') return
  await files.makeDirectory(to, { ...owner, mode })
  for (const name of await look.files.list(from))
    await copyTree(`${from}/${name}`, `${to}/${name}`, withoutMode(wish), act)
}

function attributesFor(original: FileInfo, wish: CopyWish): Attributes {
  const { user = original.uid, group = original.gid, mode = original.mode } = wish
  return { user, group, mode: original.type === 'symlink' ? undefined : mode }
}

const withoutMode = ({ user, group }: CopyWish): CopyWish => ({ user, group })
