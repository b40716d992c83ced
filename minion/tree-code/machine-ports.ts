/** What code of the tree may ask of the machine, by name: everything else is refused. */
import type { Changer } from '../system/changer.ts'
import type { Reader } from '../system/reader.ts'

export interface Asked {
  readonly kind: 'ask'
  readonly call: number
  readonly number: number
  readonly side: 'look' | 'act'
  readonly port: string
  readonly method: string
  readonly args: readonly unknown[]
}

type Table = Readonly<Record<string, readonly string[]>>

export const looks: Table = {
  files: ['info', 'infoFollowed', 'read', 'hash', 'list'],
  commands: ['query', 'which'],
  packages: ['installed', 'configurationLeft', 'available', 'compareVersions', 'providedBy'],
  services: ['states', 'needsReload', 'recentLog', 'list'],
  accounts: ['user', 'group', 'users', 'groups'],
  sources: ['fetch', 'download', 'tree', 'exists', 'render'],
  http: ['ask'],
}

export const changes: Table = {
  files: [
    'write',
    'makeDirectory',
    'setMode',
    'setOwner',
    'symlink',
    'setTimes',
    'hardLink',
    'move',
    'remove',
  ],
  commands: ['run'],
  packages: ['refresh', 'install', 'installFiles', 'remove', 'purge', 'hold', 'unhold'],
  services: ['start', 'stop', 'restart', 'reload', 'enable', 'disable', 'mask', 'unmask', 'daemonReload'],
  accounts: ['addUser', 'changeUser', 'removeUser', 'addGroup', 'changeGroup', 'removeGroup'],
  http: ['send'],
}

/** @throws Error where it may not be asked; TsaltError of what is asked */
export async function answerAsked(
  { side, port, method, args }: Asked,
  look: Reader | undefined,
  act: Changer | undefined,
): Promise<unknown> {
  const table = side === 'act' ? changes : looks
  const machine = side === 'act' ? act : look
  if (!Object.hasOwn(table, port) || table[port]?.includes(method) !== true)
    throw new Error(`there is no ${side}.${port}.${method}`)
  if (machine === undefined) throw new Error('nothing of the machine can be changed here')
  const ports = machine as unknown as Record<string, Record<string, (...given: unknown[]) => unknown>>
  const target = ports[port]
  return await target?.[method]?.(...args)
}
