/** ssh_auth.*: keys that may log in as a user. */
import { dirname, join } from 'node:path'
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { textList } from '../../shared/schema/collections.ts'
import { inOneLine } from '../../shared/schema/in-one-line.ts'
import { accountName, text } from '../../shared/schema/scalars.ts'
import type { Account, FileInfo, Reader } from '../system/reader.ts'
import { withAccountsAfter } from './accounts-after.ts'
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
import { planFile } from './file/content-plan.ts'

const args = v.strictObject({
  name: needed(text, 'The key: base64 alone, or a whole line as in authorized_keys.'),
  user: needed(accountName, 'Whose key it is.'),
  enc: defaulted(
    inOneLine(text),
    'ssh-rsa',
    'Kind of a key that is given as base64 alone: `ssh-ed25519`, `ed25519`, `rsa`.',
  ),
  comment: optional(inOneLine(text), 'What stands behind the key. Not given: as it is.'),
  source: optional(text, '`salt://PATH` of a file with keys, one a line; `name` says nothing then.'),
  options: optional(inOneLine(textList), "Options before the key: `from='10.0.0.0/8'`, `no-pty`."),
  config: defaulted(
    text,
    '.ssh/authorized_keys',
    'The file, below the home directory; %h is that, %u the user.',
  ),
  fingerprint_hash_type: optional(text, 'Accepted for trees of Salt.'),
})
type KeyArguments = v.InferOutput<typeof args>

interface KeyLine {
  readonly options: string
  readonly enc: string
  readonly key: string
  readonly comment: string
}

const kinds =
  /^(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-nistp(?:256|384|521)|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com)$/
const shortKinds: Readonly<Record<string, string>> = {
  rsa: 'ssh-rsa',
  dsa: 'ssh-dss',
  dss: 'ssh-dss',
  ed25519: 'ssh-ed25519',
  ecdsa: 'ecdsa-sha2-nistp256',
}
const base64 = /^[A-Za-z0-9+/]+={0,2}$/

const present = stateFunction({
  summary: 'Makes sure that a key may log in as a user.',
  args,
  examples: [
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExample alice@desk:\n  ssh_auth.present:\n    - user: alice\n',
    'keys of alice:\n  ssh_auth.present:\n    - user: alice\n    - source: salt://users/keys/alice.pub\n',
  ],
  refuse: (given) =>
    given.source !== undefined || keyOf(given.name, given) !== undefined
      ? undefined
      : { argument: 'name', reason: 'it is not a key: neither base64 nor "KIND BASE64 COMMENT"' },
  check: (wanted, look, run) => check(wanted, look, run, addTo),
})

const absent = stateFunction({
  summary: 'Makes sure that a key may not log in as a user.',
  args,
  examples: [
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExample:\n  ssh_auth.absent:\n    - user: alice\n',
  ],
  check: (wanted, look, run) => check(wanted, look, run, removeFrom),
})

const manageArguments = v.strictObject({
  ...args.entries,
  name: needed(text, 'Name of the state.'),
  ssh_keys: needed(
    textList,
    'All keys that may log in, each as for `ssh_auth.present`; every other one goes.',
  ),
  source: optional(text, 'Refused: put the keys into `ssh_keys`.'),
})

const manage = stateFunction({
  summary: 'Makes sure that these keys, and no others, may log in as a user.',
  args: manageArguments,
  examples: [
    'keys of alice:\n  ssh_auth.manage:\n    - user: alice\n    - ssh_keys:\n      - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExample alice@desk\n',
  ],
  refuse: (given) => {
    if (given.source !== undefined) return { argument: 'source', reason: 'put the keys into ssh_keys' }
    const wrong = given.ssh_keys.find((key) => keyOf(key, given) === undefined)
    return wrong === undefined
      ? undefined
      : {
          argument: 'ssh_keys',
          reason: `"${wrong.slice(0, 40)}" is not a key: neither base64 nor "KIND BASE64 COMMENT"`,
        }
  },
  check: (wanted, look, run) => check({ ...wanted, name: 'keys' }, look, run, setTo, wanted.ssh_keys),
})

export const sshAuth = stateModule({ summary: 'Keys for SSH.', functions: { present, absent, manage } })

interface Edited {
  readonly lines: readonly string[]
  /** Key → what happens to it. */
  readonly changes: Readonly<Record<string, string>>
}
type Edit = (lines: readonly string[], wanted: readonly KeyLine[]) => Edited

async function check(
  wanted: KeyArguments,
  now: Reader,
  run: StateRun,
  edit: Edit,
  listed?: readonly string[],
): Promise<Decision> {
  const look = await withAccountsAfter(now, run)
  const account = await look.accounts.user(wanted.user)
  const isRemoval = edit === removeFrom
  if (account?.home === '' && comesEarlier(wanted.user, run))
    return unknown(`the home of ${wanted.user} is not known yet: an earlier state makes the user`)
  if (!account || account.home === '')
    return isRemoval && !account
      ? inSync(`User ${wanted.user} does not exist`)
      : failed(
          `User ${wanted.user} does not exist`,
          'Make it in an earlier state (user.present), and require that.',
        )
  const path = fileOf(wanted, account)
  const info = await now.files.info(path)
  if (info && info.type !== 'file') return failed(`${path} is a ${info.type}, not a file`)
  const before = info ? Buffer.from(await now.files.read(path)).toString('utf8') : ''
  const lines = before === '' ? [] : before.replace(/\n$/, '').split('\n')
  const keys = listed ? listed.flatMap((key) => keyOf(key, wanted) ?? []) : await keysOf(wanted, now, run)
  if (typeof keys === 'string') return failed(keys)
  const edited = edit(lines, keys)
  const isOne = keys.length === 1 && !wanted.source && !listed
  const names = new Map(keys.map(({ key }) => [key, isOne ? wanted.name : key]))
  const changes = Object.fromEntries(
    Object.entries(edited.changes).map(([key, what]) => [names.get(key) ?? key, what]),
  )
  const about = listed ? { ...wanted, source: 'ssh_keys' } : wanted
  if (Object.keys(changes).length === 0) return inSync(inSyncComment(about, isRemoval))
  return changeFile({ path, info, account, now, edited }, changes, commentsOf(about, isRemoval))
}

const comesEarlier = (user: string, run: StateRun): boolean =>
  run.test &&
  run.predicted.some(({ state, fun, name }) => state === 'user' && fun === 'present' && name === user)

function inSyncComment({ name, user, source }: KeyArguments, isRemoval: boolean): string {
  const what = source === undefined ? `The authorized host key ${name}` : `Every key of ${source}`
  return isRemoval ? `${what} is already absent` : `${what} is already present for user ${user}`
}

function commentsOf(
  { name, user, source }: KeyArguments,
  isRemoval: boolean,
): { would: string; done: string } {
  const what = source === undefined ? `Key ${name}` : `Keys of ${source}`
  return isRemoval
    ? { would: `${what} for user ${user} set for removal`, done: `${what} for user ${user} removed` }
    : { would: `${what} for user ${user} set to be added`, done: `${what} for user ${user} was added` }
}

interface Target {
  readonly path: string
  readonly info: FileInfo | undefined
  readonly account: Account
  readonly now: Reader
  readonly edited: Edited
}

async function changeFile(
  { path, info, account, now, edited }: Target,
  changes: Readonly<Record<string, string>>,
  comments: { readonly would: string; readonly done: string },
): Promise<Decision> {
  const content = Buffer.from(edited.lines.map((line) => `${line}\n`).join(''), 'utf8')
  const owner = { user: account.name, group: account.gid }
  const attributes = info ? {} : { user: account.name, mode: 0o600 }
  const plan = await planFile({ path, info, content, attributes, showChanges: false }, now)
  const folder = dirname(path)
  return drift(changes, comments, async (act) => {
    if (!(await act.look.files.info(folder)))
      await act.files.makeDirectory(folder, { ...(await ownerNow(act.look, owner)), mode: 0o700 })
    await plan?.apply(act)
    if (!info) await act.files.setOwner(path, await ownerNow(act.look, owner))
  })
}

/** In a dry run the number of the group may be a guess; when it is done, the machine knows. */
async function ownerNow(look: Reader, owner: { user: string; group: number }): Promise<typeof owner> {
  const account = await look.accounts.user(owner.user)
  return { user: owner.user, group: account?.gid ?? owner.group }
}

function fileOf({ config }: KeyArguments, { home, name }: Account): string {
  const path = config.replaceAll('%h', home).replaceAll('%u', name).replaceAll('%%', '%')
  return path.startsWith('/') ? path : join(home, path)
}

/** @returns what is wrong, as text */
async function keysOf(wanted: KeyArguments, look: Reader, run: StateRun): Promise<KeyLine[] | string> {
  if (wanted.source === undefined) {
    const key = keyOf(wanted.name, wanted)
    return key === undefined ? `"${wanted.name}" is not a key` : [key]
  }
  const source = await look.sources.fetch(wanted.source, run.environment)
  const lines = Buffer.from(source.content).toString('utf8').split('\n')
  const keys: KeyLine[] = []
  for (const line of lines.map((one) => one.trim())) {
    if (line === '' || line.startsWith('#')) continue
    const key = keyOf(line, wanted)
    if (key === undefined) return `${wanted.source} has a line that is not a key: ${line.slice(0, 40)}`
    keys.push(key)
  }
  return keys
}

function keyOf(given: string, { enc, comment, options }: KeyArguments): KeyLine | undefined {
  const written = parseLine(given.trim())
  const before = options?.join(',') ?? ''
  if (written) return { ...written, options: before || written.options, comment: comment ?? written.comment }
  if (!base64.test(given.trim())) return undefined
  return { options: before, enc: shortKinds[enc] ?? enc, key: given.trim(), comment: comment ?? '' }
}

/** A line of authorized_keys; quoted options may hold blanks. */
function parseLine(line: string): KeyLine | undefined {
  const words = line.match(/(?:"(?:\\.|[^"\\])*"|[^\s"])+/g) ?? []
  const at = words.findIndex((word) => kinds.test(word))
  const key = words[at + 1]
  if (at < 0 || at > 1 || key === undefined || !base64.test(key)) return undefined
  const comment = words.slice(at + 2).join(' ')
  return { options: at === 1 ? (words[0] ?? '') : '', enc: words[at] ?? '', key, comment }
}

const written = ({ options, enc, key, comment }: KeyLine): string =>
  [options, enc, key, comment].filter((part) => part !== '').join(' ')

function addTo(lines: readonly string[], wanted: readonly KeyLine[]): Edited {
  const after = [...lines]
  const changes: Record<string, string> = {}
  for (const one of wanted) {
    const at = after.findIndex((line) => parseLine(line.trim())?.key === one.key)
    const there = at < 0 ? undefined : parseLine((after[at] ?? '').trim())
    if (there === undefined) {
      after.push(written(one))
      changes[one.key] = 'New'
      continue
    }
    const merged = { ...one, comment: one.comment || there.comment, options: one.options || there.options }
    if (written(merged) === written(there)) continue
    after[at] = written(merged)
    changes[one.key] = 'Updated'
  }
  return { lines: after, changes }
}

function removeFrom(lines: readonly string[], wanted: readonly KeyLine[]): Edited {
  const keys = new Set(wanted.map(({ key }) => key))
  const changes: Record<string, string> = {}
  const after = lines.filter((line) => {
    const key = parseLine(line.trim())?.key
    if (key === undefined || !keys.has(key)) return true
    changes[key] = 'Removed'
    return false
  })
  return { lines: after, changes }
}

/** Comments and blank lines stay. */
function setTo(lines: readonly string[], wanted: readonly KeyLine[]): Edited {
  const keys = new Set(wanted.map(({ key }) => key))
  const others = lines.flatMap((line) => parseLine(line.trim()) ?? []).filter(({ key }) => !keys.has(key))
  const added = addTo(removeFrom(lines, others).lines, wanted)
  const removed = Object.fromEntries(others.map(({ key }) => [key, 'Key removed']))
  return { lines: added.lines, changes: { ...removed, ...added.changes } }
}
