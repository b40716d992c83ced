/**
 * Changes users and groups with the applets of busybox. They make, remove and join; what is to change in an account
 * that exists (uid, home, shell …) needs usermod or groupmod of the shadow suite, which is said by name.
 */
import { TsaltError } from '../../../../shared/errors/error.ts'
import type { AccountFiles } from '../../../system/account-files.ts'
import type { AccountChanger, NumberOptions, UserOptions } from '../../../system/changer.ts'
import type { RunCommand } from '../../../system/command.ts'
import type { CommandOptions } from '../../../system/reader.ts'
import { ShadowChanger } from '../shadow/change.ts'

const accountName = /^[A-Za-z0-9_.][A-Za-z0-9_.@-]{0,254}\$?$/
const timeout = 120_000

export class BusyboxChanger implements AccountChanger {
  readonly #run: RunCommand
  readonly #accounts: AccountFiles
  readonly #forget: () => void
  readonly #shadow: ShadowChanger

  constructor(run: RunCommand, accounts: AccountFiles, forget: () => void) {
    this.#run = run
    this.#accounts = accounts
    this.#forget = forget
    this.#shadow = new ShadowChanger(run, accounts, forget)
  }

  async addUser(name: string, options: UserOptions): Promise<void> {
    const doing = 'add the user'
    checkName(name, doing)
    const { uid, primaryGroup, system, createHome, home, shell, fullname, groups = [] } = options
    const group = primaryGroup === undefined ? undefined : await this.#groupName(primaryGroup, name)
    const flags = [
      '-D',
      ...(system ? ['-S'] : []),
      ...(createHome === false ? ['-H'] : []),
      ...valued('-u', uid === undefined ? undefined : String(uid), doing, name),
      ...valued('-G', group, doing, name),
      ...valued('-h', home, doing, name),
      ...valued('-s', shell, doing, name),
      ...valued('-g', fullname, doing, name),
    ]
    await this.#finish(doing, name, ['adduser', ...flags, name])
    for (const one of groups) await this.#join(name, one)
    await this.#setPassword(name, options)
  }

  async changeUser(name: string, options: UserOptions): Promise<void> {
    const doing = 'change the user'
    checkName(name, doing)
    const before = await this.#accounts.user(name)
    if (!before) throw new TsaltError('user-unknown', { name })
    const { passwordHash, groups, ...others } = options
    if (Object.values(others).some((value) => value !== undefined))
      await this.#shadow.changeUser(name, others)
    if (groups !== undefined) await this.#setGroups(name, groups)
    if (passwordHash !== undefined) await this.#setPassword(name, options)
  }

  async removeUser(name: string, options: { readonly purge?: boolean } = {}): Promise<void> {
    checkName(name, 'remove the user')
    const flags = options.purge ? ['--remove-home'] : []
    await this.#finish('remove the user', name, ['deluser', ...flags, name])
  }

  async addGroup(name: string, options: NumberOptions & { readonly system?: boolean } = {}): Promise<void> {
    checkName(name, 'add the group')
    // addgroup gives no number twice.
    if (options.nonUnique && options.gid !== undefined) return this.#shadow.addGroup(name, options)
    const gid = options.gid === undefined ? [] : ['-g', String(options.gid)]
    await this.#finish('add the group', name, ['addgroup', ...(options.system ? ['-S'] : []), ...gid, name])
  }

  async changeGroup(
    name: string,
    { members, ...number }: NumberOptions & { readonly members?: readonly string[] },
  ): Promise<void> {
    checkName(name, 'change the group')
    if (number.gid !== undefined) await this.#shadow.changeGroup(name, number)
    if (members === undefined) return
    const now = (await this.#accounts.group(name))?.members ?? []
    for (const one of now.filter((member) => !members.includes(member))) await this.#leave(one, name)
    for (const one of members.filter((member) => !now.includes(member))) await this.#join(one, name)
  }

  async removeGroup(name: string): Promise<void> {
    checkName(name, 'remove the group')
    await this.#finish('remove the group', name, ['delgroup', name])
  }

  async #setGroups(name: string, wanted: readonly string[]): Promise<void> {
    const now = this.#accounts.supplementary(name).map((group) => group.name)
    for (const one of now.filter((group) => !wanted.includes(group))) await this.#leave(name, one)
    for (const one of wanted.filter((group) => !now.includes(group))) await this.#join(name, one)
  }

  #join(user: string, group: string): Promise<void> {
    checkName(user, 'change the group')
    checkName(group, 'change the group')
    return this.#finish('change the group', group, ['addgroup', user, group])
  }

  #leave(user: string, group: string): Promise<void> {
    checkName(user, 'change the group')
    return this.#finish('change the group', group, ['delgroup', user, group])
  }

  /** adduser wants the name. */
  async #groupName(group: string | number, user: string): Promise<string> {
    const known = await this.#accounts.group(group)
    if (known) return known.name
    throw failure('add the user', user, `there is no group ${group}`)
  }

  async #setPassword(name: string, { passwordHash }: UserOptions): Promise<void> {
    if (passwordHash === undefined) return
    if (/[:\n\0]/.test(passwordHash)) throw failure('set the password of', name, 'it is not a password hash')
    await this.#finish('set the password of', name, ['chpasswd', '-e'], {
      stdin: `${name}:${passwordHash}\n`,
    })
  }

  async #finish(
    action: string,
    name: string,
    argv: readonly string[],
    options: CommandOptions = {},
  ): Promise<void> {
    try {
      const result = await this.#run(argv, { timeout, ...options })
      if (result.code === 0 && !result.timedOut) return
      const command = argv[0] ?? ''
      if (result.code === 127)
        throw new TsaltError('provider-command-missing', { kind: 'account', provider: 'busybox', command })
      throw failure(
        action,
        name,
        (result.stderr || result.stdout).trim() || `${command} ended with ${result.code}`,
      )
    } finally {
      this.#forget()
    }
  }
}

function valued(flag: string, value: string | undefined, action: string, name: string): string[] {
  if (value === undefined) return []
  if (/[:\n\0]/.test(value)) throw failure(action, name, `${flag} may not hold a colon or a line break`)
  return [flag, value]
}

function checkName(name: string, action: string): void {
  if (!accountName.test(name)) throw failure(action, name, 'the name has characters that no account may have')
}

function failure(action: string, name: string, reason: string): TsaltError {
  return new TsaltError('account-failed', { action, name, reason })
}
