/** Execution module `shadow`: passwords of accounts and how long they last. */
import { randomBytes } from 'node:crypto'
import type { Plain } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { needed, optional } from '../../shared/schema/argument.ts'
import { accountName, text } from '../../shared/schema/scalars.ts'
import type { Reader } from '../system/reader.ts'
import { execModule, type ModuleContext } from './contract.ts'
import { asking, changing } from './define.ts'

const name = needed(accountName, 'Name of the account.')
const empty = { name: '', passwd: '', lstchg: '', min: '', max: '', warn: '', inact: '', expire: '' }

async function fieldsOf(user: string, look: Reader): Promise<string[] | undefined> {
  if (!(await look.files.infoFollowed('/etc/shadow'))) return undefined
  const lines = Buffer.from(await look.files.read('/etc/shadow'))
    .toString('utf8')
    .split('\n')
  return lines.find((line) => line.startsWith(`${user}:`))?.split(':')
}

async function info(user: string, look: Reader): Promise<Plain> {
  const fields = await fieldsOf(user, look)
  if (!fields) return empty
  const [, passwd = '', ...days] = fields
  const [lstchg, min, max, warn, inact, expire] = days.map((day) => (day === '' ? -1 : Number(day)))
  return { name: user, passwd, lstchg, min, max, warn, inact, expire }
}

async function required(user: string, look: Reader): Promise<void> {
  if (!(await look.accounts.user(user))) throw new TsaltError('user-unknown', { name: user })
}

async function password(user: string, hash: string, { look, act }: ModuleContext): Promise<boolean> {
  await required(user, look)
  await act.accounts.changeUser(user, { passwordHash: hash })
  return true
}

/** @param at place in the line of the shadow file, of what it was before */
function aging(fun: string, option: string, at: number, what: string) {
  return changing(
    `Sets ${what} of an account.`,
    `shadow.${fun} deploy ${option === '--expiredate' || option === '--lastday' ? '2030-01-01' : '30'}`,
    { name, value: needed(text, 'Days; a date as YYYY-MM-DD or days since 1970; -1: none.') },
    async (given, { look, act }) => {
      await required(given.name, look)
      if (!/^(?:-?\d+|\d{4}-\d\d-\d\d)$/.test(given.value))
        throw new TsaltError('function-failed', {
          fun: `shadow.${fun}`,
          reason: `"${given.value}" is no number of days`,
        })
      const before = (await fieldsOf(given.name, look))?.[at] || '-1'
      const argv = (value: string): string[] => ['chage', `${option}=${value}`, given.name]
      const { code, stderr } = await act.commands.run(argv(given.value), { undo: [{ argv: argv(before) }] })
      if (code !== 0) throw new TsaltError('function-failed', { fun: `shadow.${fun}`, reason: stderr.trim() })
      return true
    },
  )
}

const salts = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

export const shadowModule = execModule({
  summary: 'Passwords of accounts and how long they last.',
  functions: {
    info: asking(
      'Hash of the password of an account, and its days.',
      'shadow.info deploy',
      { name },
      (given, { look }) => info(given.name, look),
    ),
    default_hash: asking('What stands for no password.', 'shadow.default_hash', {}, async () => '!'),
    list_users: asking('Names of all accounts.', 'shadow.list_users', {}, async (_, { look }) =>
      (await look.accounts.users()).map((user) => user.name).sort(),
    ),
    gen_password: asking(
      'Hash of a password (SHA-512), as user.present takes it.',
      "shadow.gen_password 'I_am_secret'",
      { password: needed(text, 'The password.'), crypt_salt: optional(text, 'Salt; default: random.') },
      async (given) => {
        const { sha512Crypt } = await import('../states/user/sha512-crypt.ts')
        const salt = given.crypt_salt ?? [...randomBytes(16)].map((byte) => salts[byte % 64]).join('')
        return sha512Crypt(given.password, `$6$${salt}`) ?? ''
      },
    ),
    set_password: changing(
      'Sets the hash of the password of an account.',
      "shadow.set_password deploy '$6$…'",
      { name, password: needed(text, 'The hash.') },
      (given, context) => password(given.name, given.password, context),
    ),
    del_password: changing(
      'Empties the password of an account.',
      'shadow.del_password deploy',
      { name },
      (given, context) => password(given.name, '', context),
    ),
    lock_password: changing(
      'Locks the password of an account.',
      'shadow.lock_password deploy',
      { name },
      async (given, context) => {
        const hash = (await context.look.accounts.user(given.name))?.passwordHash ?? ''
        return hash.startsWith('!') || password(given.name, `!${hash}`, context)
      },
    ),
    unlock_password: changing(
      'Unlocks the password of an account; one that has none stays locked.',
      'shadow.unlock_password deploy',
      { name },
      async (given, context) => {
        const hash = (await context.look.accounts.user(given.name))?.passwordHash ?? ''
        if (!hash.startsWith('!')) return hash !== ''
        return hash.slice(1) !== '' && password(given.name, hash.slice(1), context)
      },
    ),
    set_date: aging('set_date', '--lastday', 2, 'the day of the last change of the password'),
    set_mindays: aging('set_mindays', '--mindays', 3, 'the fewest days between changes of the password'),
    set_maxdays: aging('set_maxdays', '--maxdays', 4, 'the most days that a password lasts'),
    set_warndays: aging('set_warndays', '--warndays', 5, 'the days of warning before a password ends'),
    set_inactdays: aging('set_inactdays', '--inactive', 6, 'the days after which an ended password locks'),
    set_expire: aging('set_expire', '--expiredate', 7, 'the day on which the account ends'),
  },
})
