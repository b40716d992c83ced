/** Changes users and groups. A password hash goes through standard input (chpasswd -e), never through argv. */
import { TsaltError } from '../../../../shared/errors/error.ts'
import type { AccountFiles, PasswdEntry } from '../../../system/account-files.ts'
import type { AccountChanger, NumberOptions, UserOptions } from '../../../system/changer.ts'
import type { RunCommand } from '../../../system/command.ts'
import type { CommandOptions } from '../../../system/reader.ts'

/** As useradd's NAME_REGEX of Debian, wide enough for existing names; a colon or newline would break the file. */
const accountName = /^[A-Za-z0-9_.][A-Za-z0-9_.@-]{0,254}\$?$/
const timeout = 120_000

export class ShadowChanger implements AccountChanger {
  readonly #run: RunCommand
  readonly #accounts: AccountFiles
  readonly #forget: () => void

  constructor(run: RunCommand, accounts: AccountFiles, forget: () => void) {
    this.#run = run
    this.#accounts = accounts
    this.#forget = forget
  }

  async addUser(name: string, options: UserOptions): Promise<void> {
    checkAccountName(name, 'add the user')
    const flags = [
      ...(options.system ? ['--system'] : []),
      ...(options.noLogInit ? ['--no-log-init'] : []),
      options.createHome === false ? '--no-create-home' : options.createHome ? '--create-home' : undefined,
      ...userFlags(options, 'add the user', name),
      ...(options.groups?.length ? [`--groups=${groupList(options.groups, name)}`] : []),
      // Without a primary group of its own, useradd makes or shares one as /etc/login.defs says: as the system does.
    ].filter((flag) => flag !== undefined)
    await this.#finish('add the user', name, ['useradd', ...flags, '--', name])
    await this.#setPassword(name, options)
  }

  async changeUser(name: string, options: UserOptions): Promise<void> {
    checkAccountName(name, 'change the user')
    const before = await this.#user(name)
    const flags = userFlags(options, 'change the user', name)
    if (options.groups !== undefined) flags.push(`--groups=${groupList(options.groups, name)}`)
    if (options.home !== undefined && options.home !== before.home && options.createHome)
      flags.push('--move-home')
    if (flags.length > 0) await this.#finish('change the user', name, ['usermod', ...flags, '--', name])
    await this.#setPassword(name, options)
  }

  async removeUser(
    name: string,
    options: { readonly purge?: boolean; readonly force?: boolean } = {},
  ): Promise<void> {
    checkAccountName(name, 'remove the user')
    const flags = [...(options.purge ? ['--remove'] : []), ...(options.force ? ['--force'] : [])]
    // 12: the home directory could not be removed (it was not there, or is another's); the account is gone.
    await this.#finish('remove the user', name, ['userdel', ...flags, '--', name], { accepted: [0, 12] })
  }

  async addGroup(name: string, options: NumberOptions & { readonly system?: boolean } = {}): Promise<void> {
    checkAccountName(name, 'add the group')
    const flags = [...(options.system ? ['--system'] : []), ...numberFlags(options, 'add the group', name)]
    await this.#finish('add the group', name, ['groupadd', ...flags, '--', name])
  }

  async changeGroup(
    name: string,
    options: NumberOptions & { readonly members?: readonly string[] },
  ): Promise<void> {
    checkAccountName(name, 'change the group')
    if (options.gid !== undefined) {
      const flags = numberFlags(options, 'change the group', name)
      await this.#finish('change the group', name, ['groupmod', ...flags, '--', name])
    }
    if (options.members !== undefined) {
      // gpasswd has no "--": the name was checked not to look like an option.
      await this.#finish('change the group', name, [
        'gpasswd',
        '--members',
        groupList(options.members, name),
        name,
      ])
    }
  }

  async removeGroup(name: string): Promise<void> {
    checkAccountName(name, 'remove the group')
    await this.#finish('remove the group', name, ['groupdel', '--', name])
  }

  async #user(name: string): Promise<PasswdEntry> {
    const found = await this.#accounts.user(name)
    if (found) return found
    throw new TsaltError('user-unknown', { name })
  }

  async #setPassword(name: string, { passwordHash }: UserOptions): Promise<void> {
    if (passwordHash === undefined) return
    if (/[:\n\0]/.test(passwordHash)) throw failure('set the password of', name, 'it is not a password hash')
    await this.#finish('set the password of', name, ['chpasswd', '--encrypted'], {
      stdin: `${name}:${passwordHash}\n`,
    })
  }

  async #finish(
    action: string,
    name: string,
    argv: readonly string[],
    { accepted = [0], ...options }: CommandOptions & { readonly accepted?: readonly number[] } = {},
  ): Promise<void> {
    try {
      const result = await this.#run(argv, { timeout, ...options })
      if (accepted.includes(result.code) && !result.timedOut) return
      const command = argv[0] ?? ''
      if (result.code === 127) {
        throw new TsaltError('provider-command-missing', { kind: 'account', provider: 'shadow', command })
      }
      const said = result.timedOut ? 'it took too long' : (result.stderr || result.stdout).trim()
      throw failure(action, name, said || `${command} ended with ${result.code}`)
    } finally {
      this.#forget()
    }
  }
}

function userFlags(options: UserOptions, action: string, name: string): string[] {
  // Only beside a number: without one useradd refuses it.
  const flags: string[] = options.nonUnique && options.uid !== undefined ? ['--non-unique'] : []
  const add = (flag: string, value: string | undefined) => {
    if (value === undefined) return
    if (/[:\n\0]/.test(value))
      throw failure(action, name, `${flag.slice(2)} may not hold a colon or a line break`)
    flags.push(`${flag}=${value}`)
  }
  add('--uid', options.uid === undefined ? undefined : identifier(options.uid, action, name))
  add('--gid', options.primaryGroup === undefined ? undefined : String(options.primaryGroup))
  add('--comment', options.fullname)
  add('--home-dir', action === 'add the user' ? options.home : undefined)
  add('--home', action === 'add the user' ? undefined : options.home)
  add('--shell', options.shell)
  return flags
}

function numberFlags({ gid, nonUnique }: NumberOptions, action: string, name: string): string[] {
  if (gid === undefined) return []
  return [...(nonUnique ? ['--non-unique'] : []), `--gid=${identifier(gid, action, name)}`]
}

function groupList(groups: readonly string[], name: string): string {
  for (const group of groups) checkAccountName(group, `set the groups of "${name}":`)
  return groups.join(',')
}

function identifier(id: number, action: string, name: string): string {
  if (Number.isInteger(id) && id >= 0 && id < 4_294_967_295) return String(id)
  throw failure(action, name, `${id} is not a user or group id`)
}

function checkAccountName(name: string, action: string): void {
  if (!accountName.test(name)) throw failure(action, name, 'the name has characters that no account may have')
}

function failure(action: string, name: string, reason: string): TsaltError {
  return new TsaltError('account-failed', { action, name, reason })
}
