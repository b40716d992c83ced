/** The options of `tsalt-key`, and which one act they ask for. */
import { Option } from 'commander'
import { TsaltError } from '../../shared/errors/error.ts'
import {
  addLaterOptions,
  addOutputOptions,
  addPlaceOptions,
  newCommand,
  type OutputOptions,
  parseWords,
  seconds,
} from './command-line.ts'
import type { Console } from './console.ts'
import { laterKeyOptions } from './later-options.ts'
import {
  addLoginOptions,
  addNetworkOptions,
  type LoginOptions,
  type ReachOptions,
} from './network-options.ts'

export interface KeyOptions extends Omit<ReachOptions, 'token'>, LoginOptions, OutputOptions {
  /** Of an operator. */
  authToken?: string
  list?: string
  listAll: boolean
  accept?: string
  acceptAll: boolean
  reject?: string
  rejectAll: boolean
  delete?: string
  deleteAll: boolean
  revoke?: string
  finger?: string
  fingerAll: boolean
  print?: string
  printAll: boolean
  token: boolean
  id: string
  ttl: number
  host?: string
  fingerprint?: string
  includeAll: boolean
  includeAccepted: boolean
  includeRejected: boolean
  includeDenied: boolean
  yes: boolean
  quiet: boolean
}

/** What one call does. `match` is a glob over ids. */
export type KeyTask =
  | { readonly kind: 'list'; readonly states: string }
  | { readonly kind: 'finger'; readonly match: string }
  | { readonly kind: 'print'; readonly match: string }
  | { readonly kind: 'token' }
  | {
      readonly kind: 'act'
      readonly action: 'accept' | 'reject' | 'delete' | 'revoke'
      readonly match: string
    }

const examples = `
Examples:
  tsalt-key -L                                   all keys
  tsalt-key -f web1                              its fingerprint, to be compared with the minion's
  tsalt-key -a web1                              accept, after a question that shows the fingerprint
  tsalt-key -a web1 --fingerprint ab12:cd34:…    accept without a question, only this key
  tsalt-key -F master                            the fingerprint that minions pin
  tsalt-key --token --id 'web*' --ttl 10m        let one minion join by itself
  tsalt-key --revoke web1                        end its connection now and refuse its certificates

A minion proves itself with its fingerprint or a token. Nothing is accepted by its name alone.`

const longestLife = 3600
const defaultLife = 1800

export function parseKey(words: readonly string[], console: Console): { options: KeyOptions; task: KeyTask } {
  const command = newCommand(
    'tsalt-key',
    '[options]',
    'Shows, accepts and removes the keys of minions.',
    console,
  )
    .argument('[words...]')
    .optionsGroup('Look:')
    .option('-L, --list-all', 'list all keys (what happens without options, too)', false)
    .option('-l, --list <states>', 'list keys: acc, pre (or un), den, rej, rev or all')
    .option('-f, --finger <glob>', 'print fingerprints; "master" is the master\'s own')
    .option('-F, --finger-all', 'print all fingerprints; "-F master" only that of the master', false)
    .option('-p, --print <glob>', 'print public keys')
    .option('-P, --print-all', 'print all public keys', false)
    .optionsGroup('Act:')
    .option('-a, --accept <glob>', 'accept pending keys')
    .option('-A, --accept-all', 'accept all pending keys', false)
    .option('-r, --reject <glob>', 'reject pending keys')
    .option('-R, --reject-all', 'reject all pending keys', false)
    .option('-d, --delete <glob>', 'delete keys, of any state; a later minion of that name starts anew')
    .option('-D, --delete-all', 'delete all keys', false)
    .option('--revoke <glob>', 'refuse all certificates of these minions from now on')
    .option('--fingerprint <fingerprint>', 'with -a: accept only the key with it, without a question')
    .option('--include-all', 'act on accepted, rejected and denied keys, too', false)
    .option('--include-accepted', 'act on accepted keys, too', false)
    .option('--include-rejected', 'act on rejected keys, too', false)
    .option('--include-denied', 'act on denied keys, too', false)
    .option('-y, --yes', 'do not ask (accepting needs --fingerprint then)', false)
    .option('-q, --quiet', 'print no more than necessary', false)
    .optionsGroup('Token:')
    .option('--token', 'make a one-time join token', false)
    .addOption(new Option('--id <glob>', 'ids that may use it (default: any)').default('*'))
    .addOption(
      new Option('--ttl <time>', 'how long it is good: 90s, 10m, at most 1h (default: 30m)')
        .argParser(seconds)
        .default(defaultLife, '30m'),
    )
    .option('--host <name>', "the master's name or address in the token")
  addPlaceOptions(addOutputOptions(command), '--log-level <level>')
  addLoginOptions(addNetworkOptions(command, '--auth-token <file>'), '--auth <way>')
  command.addHelpText('after', examples)
  addLaterOptions(command, laterKeyOptions)
  parseWords(command, words)
  const options = command.opts<KeyOptions>()
  return { options, task: taskOf(options, command.args) }
}

/** @throws TsaltError `usage-wrong` for two acts at once or for words that belong to none */
function taskOf(options: KeyOptions, words: readonly string[]): KeyTask {
  const tasks: KeyTask[] = []
  const act = (
    action: (KeyTask & { kind: 'act' })['action'],
    match: string | undefined,
    all: boolean,
  ): void => {
    if (match !== undefined) tasks.push({ kind: 'act', action, match })
    if (all) tasks.push({ kind: 'act', action, match: '*' })
  }
  act('accept', options.accept, options.acceptAll)
  act('reject', options.reject, options.rejectAll)
  act('delete', options.delete, options.deleteAll)
  act('revoke', options.revoke, false)
  if (options.token) tasks.push({ kind: 'token' })
  if (options.finger !== undefined) tasks.push({ kind: 'finger', match: options.finger })
  if (options.print !== undefined) tasks.push({ kind: 'print', match: options.print })
  if (options.printAll) tasks.push({ kind: 'print', match: '*' })
  let rest = words
  if (options.fingerAll) {
    tasks.push({ kind: 'finger', match: words[0] ?? '*' })
    rest = words.slice(1)
  }
  if (options.list !== undefined) tasks.push({ kind: 'list', states: options.list })
  if (options.listAll) tasks.push({ kind: 'list', states: 'all' })
  if (rest[0] !== undefined) {
    throw new TsaltError(
      'usage-wrong',
      { reason: `"${rest[0]}" belongs to no option` },
      { hint: 'A glob must be quoted. tsalt-key --help has all options.' },
    )
  }
  if (tasks.length > 1) throw new TsaltError('usage-wrong', { reason: 'Only one thing at a time' })
  checkTogether(options)
  return tasks[0] ?? { kind: 'list', states: 'all' }
}

function checkTogether(options: KeyOptions): void {
  if (options.fingerprint !== undefined && options.accept === undefined) {
    throw new TsaltError('usage-wrong', { reason: '--fingerprint belongs to -a ID' })
  }
  if (options.ttl < 1 || options.ttl > longestLife) {
    throw new TsaltError('usage-wrong', {
      reason: 'A token is good for at least a second and at most one hour',
    })
  }
}
