/** Whether what is mounted is what was asked for: the device by whatever name, and the options that the kernel shows. */

import type { Reader } from '../../system/reader.ts'
import { resolveLinks } from '../file/link.ts'
import type { FstabEntry } from './fstab.ts'

const byTag: Readonly<Record<string, string>> = {
  UUID: '/dev/disk/by-uuid',
  LABEL: '/dev/disk/by-label',
  PARTUUID: '/dev/disk/by-partuuid',
  PARTLABEL: '/dev/disk/by-partlabel',
}

/** The device node behind a path, a link or `UUID=…`; undefined: there is none. */
export async function deviceNode(written: string, look: Reader): Promise<string | undefined> {
  const tag = /^(UUID|LABEL|PARTUUID|PARTLABEL)="?([^"]+)"?$/i.exec(written)
  const value = tag?.[1]?.toUpperCase() === 'UUID' ? tag[2]?.toLowerCase() : tag?.[2]
  const path = tag ? `${byTag[tag[1]?.toUpperCase() ?? ''] ?? ''}/${value}` : written
  if (!path.startsWith('/')) return undefined
  const { path: node, info } = await resolveLinks(path, look)
  return info ? node : undefined
}

/** True where nothing tells that it is another one: of binds, loops and pseudo file systems the kernel shows other names. */
export async function isSameDevice(
  wanted: Pick<FstabEntry, 'device' | 'options'>,
  active: FstabEntry,
  look: Reader,
): Promise<boolean> {
  if (wanted.device === active.device) return true
  if (wanted.options.split(',').some((option) => /^r?bind$/.test(option))) return true
  if (/^[^/]+:\//.test(wanted.device)) return plain(wanted.device) === plain(active.device)
  if (!active.device.startsWith('/')) return !(await isBlock(wanted.device, look))
  const [node, now] = [await deviceNode(wanted.device, look), await deviceNode(active.device, look)]
  if (node === undefined || now === undefined) return true
  return node === now || !(await isBlock(node, look))
}

const plain = (remote: string): string => remote.replace(/\/+$/, '')

const isBlock = async (path: string, look: Reader): Promise<boolean> =>
  (await look.files.infoFollowed(path))?.type === 'block-device'

const shownAsTheyAre = new Set([
  ...['ro', 'rw', 'nosuid', 'nodev', 'noexec', 'noatime', 'nodiratime', 'relatime', 'sync', 'dirsync'],
])
const shownByAbsence: Readonly<Record<string, readonly string[]>> = {
  suid: ['nosuid'],
  dev: ['nodev'],
  exec: ['noexec'],
  atime: ['noatime'],
  diratime: ['nodiratime'],
  async: ['sync'],
  strictatime: ['noatime', 'relatime'],
}

/** Of the options that were asked for, those that the mount has not; what the kernel does not show counts as there. */
export function missingOptions(wanted: string, active: FstabEntry): string[] {
  const now = new Set(active.options.split(','))
  return wanted.split(',').filter((option) => {
    if (shownAsTheyAre.has(option)) return !now.has(option)
    const others = shownByAbsence[option]
    if (others) return others.some((other) => now.has(other))
    return active.type === 'tmpfs' && !isSameSetting(option, now)
  })
}

/** Of tmpfs the kernel writes `size=10240k` for `size=10M`, and modes without the zero before them. */
function isSameSetting(option: string, now: ReadonlySet<string>): boolean {
  const [name = '', value = ''] = option.split('=')
  const shown = [...now].find((one) => one.startsWith(`${name}=`))?.split('=')[1]
  if (name === 'size') {
    const [asked, has] = [kibibytes(value), kibibytes(shown ?? '')]
    return asked === undefined || has === undefined || asked === has
  }
  if (name === 'mode')
    return shown === undefined
      ? /^0*1777$/.test(value)
      : Number.parseInt(shown, 8) === Number.parseInt(value, 8)
  return true
}

function kibibytes(written: string): number | undefined {
  const match = /^(\d+)([kmg]?)$/i.exec(written)
  if (!match) return undefined
  const factors: Readonly<Record<string, number>> = { '': 1 / 1_024, k: 1, m: 1_024, g: 1_048_576 }
  return Math.ceil(Number(match[1]) * (factors[(match[2] ?? '').toLowerCase()] ?? 1))
}
