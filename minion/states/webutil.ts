/** webutil.*: users in a file of passwords for web servers (htpasswd). */
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { absolutePath } from '../../shared/schema/paths.ts'
import { accountName, flag, readText, text } from '../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../shared/schema/shaped.ts'
import type { Reader } from '../system/reader.ts'
import {
  type Decision,
  drift,
  failed,
  inSync,
  type StateRun,
  stateFunction,
  stateModule,
  unknown,
} from './contract.ts'
import { saidBy } from './said-by.ts'
import { linesOf, readTextFile, textOf, writeTextFile } from './text-file.ts'

const userName = shaped<string>({
  words: 'name',
  json: { type: 'string', minLength: 1, maxLength: 255 },
  read(value) {
    const read = readText(value)
    return read !== undefined && /^[^\s:\0-][^:\r\n\0]{0,254}$/.test(read)
      ? read
      : new Mismatch(`a name without ":" is expected, not ${describeValue(value)}`)
  },
})

/** Letters of htpasswd that say how a password is hashed. `p` would keep it as it is. */
const hashing = shaped<string>({
  words: 'letters of htpasswd',
  json: { type: 'string', pattern: '^-?[mBds25]*$' },
  read(value) {
    const letters = readText(value)?.trim().replace(/^-/, '')
    if (letters === undefined) return new Mismatch(`letters are expected, not ${describeValue(value)}`)
    if (letters.includes('p')) return new Mismatch('p keeps passwords readable for everyone; leave it out')
    return /^[mBds25cb]*$/.test(letters)
      ? letters.replace(/[cb]/g, '')
      : new Mismatch(`m (MD5), B (bcrypt), 2, 5 (SHA-2), d or s is expected, not ${describeValue(value)}`)
  },
})

const entries = {
  name: needed(userName, 'The user.'),
  htpasswd_file: defaulted(absolutePath, '/etc/httpd/.htpasswd', 'The file; its folder has to exist.'),
  runas: optional(accountName, 'Whose a new file is, with their group.'),
}

const args = v.strictObject({
  ...entries,
  password: needed(text, 'The password; it is hashed before it is written, and never shown.'),
  options: defaulted(
    hashing,
    '',
    'How it is hashed, in letters of htpasswd: `B` is bcrypt. Not given: MD5 of Apache.',
  ),
  force: defaulted(flag, false, 'Write the password at every run, whether it is right or not.'),
  update: defaulted(flag, false, 'Change the password of a user who is there with another one.'),
})
type Arguments = v.InferOutput<typeof args>

const userExists = stateFunction({
  summary: 'Makes sure that a user is in a file of passwords for a web server.',
  args,
  examples: [
    "alice:\n  webutil.user_exists:\n    - password: '{{ pillar.web.alice }}'\n    - htpasswd_file: /etc/nginx/htpasswd\n    - options: B\n    - update: True\n",
  ],
  refuse: ({ password }) =>
    /[\r\n\0]/.test(password) ? { argument: 'password', reason: 'it has a line break' } : undefined,
  check,
})

const entryOf = (line: string, name: string): boolean => line.startsWith(`${name}:`)

async function check(wanted: Arguments, look: Reader, run: StateRun): Promise<Decision> {
  const { name, password, options } = wanted
  const file = await readTextFile(wanted.htpasswd_file, look)
  if (file.kind !== 'text') return file
  const lines = linesOf(file.text)
  const isThere = lines.some((line) => entryOf(line, name))
  if (isThere && !wanted.update && !wanted.force) return inSync('User already known')
  if ((await look.commands.which('htpasswd')) === undefined) return lacksProgram(run)
  if (isThere && !wanted.force) {
    const verified = await look.commands.query(['htpasswd', '-vi', '--', file.path, name], {
      stdin: `${password}\n`,
    })
    if (verified.code === 0) return inSync('User already known')
  }
  return drift(
    { [name]: true },
    {
      would: `User '${name}' is set to be added to htpasswd file`,
      done: `${isThere ? 'Updating' : 'Adding'} password for user ${name}`,
    },
    async (act) => {
      // It prints the line, and the file is written as every other: crash-safe, and undone.
      const made = await act.look.commands.query(['htpasswd', `-ni${options}`, '--', name], {
        stdin: `${password}\n`,
      })
      const line = linesOf(made.stdout).find((one) => entryOf(one, name))
      if (made.code !== 0 || line === undefined)
        return {
          ok: false,
          comment: `htpasswd failed: ${saidBy(made).replaceAll(password || '\0', '***')}`,
        }
      const at = lines.findIndex((one) => entryOf(one, name))
      const account = wanted.runas === undefined ? undefined : await act.look.accounts.user(wanted.runas)
      const owner = account && { user: account.uid, group: account.gid }
      await writeTextFile(file, textOf(at < 0 ? [...lines, line] : lines.with(at, line)), act, {
        mode: 0o644,
        ...owner,
      })
      return undefined
    },
  )
}

function lacksProgram(run: StateRun): Decision {
  const bringer = run.test && run.predicted.find(({ state }) => state === 'pkg' || state === 'cmd')
  if (bringer)
    return unknown(
      `htpasswd is not installed yet; ${bringer.state}.${bringer.fun} ${bringer.id} may bring it`,
    )
  return failed('htpasswd is not installed', 'Install it in an earlier state (apache2-utils, httpd-tools).')
}

const userAbsent = stateFunction({
  summary: 'Makes sure that a user is not in a file of passwords for a web server.',
  args: v.strictObject(entries),
  examples: ['mallory:\n  webutil.user_absent:\n    - htpasswd_file: /etc/nginx/htpasswd\n'],
  async check({ name, htpasswd_file }, look) {
    const file = await readTextFile(htpasswd_file, look)
    if (file.kind !== 'text') return file
    const lines = linesOf(file.text)
    const after = lines.filter((line) => !entryOf(line, name))
    if (after.length === lines.length) return inSync('User not in file')
    return drift(
      { [name]: true },
      {
        would: `User '${name}' is set to be removed from htpasswd file`,
        done: `Deleting password for user ${name}`,
      },
      (act) => writeTextFile(file, textOf(after), act),
    )
  },
})

export const webutil = stateModule({
  summary: 'Users in files of passwords for web servers.',
  functions: { user_exists: userExists, user_absent: userAbsent },
})
