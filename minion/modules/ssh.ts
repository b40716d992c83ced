/** Execution module `ssh`: keys that may log in, and hosts that are known. */
import { join } from 'node:path'
import { TsaltError } from '../../shared/errors/error.ts'
import { defaulted, needed, optional } from '../../shared/schema/argument.ts'
import { flag, nonEmptyText, text, whole } from '../../shared/schema/scalars.ts'
import {
  fingerprintOf,
  type HostKey,
  isOf,
  lookedFor,
  parseLine,
} from '../states/ssh-known-hosts/known-hosts-line.ts'
import { scanKeys } from '../states/ssh-known-hosts/scan.ts'
import { linesOf } from '../states/text-file.ts'
import type { Reader } from '../system/reader.ts'
import { byState } from './by-state.ts'
import { execModule } from './contract.ts'
import { asking, changing } from './define.ts'

const user = needed(nonEmptyText, 'The user.')
const anyUser = optional(nonEmptyText, 'The user. Not given: the whole machine.')
const hostname = needed(nonEmptyText, 'Host name or address.')
const config = optional(nonEmptyText, 'The file, below the home directory.')
const port = optional(whole, 'Port of the SSH server where it is not 22.')
const key = needed(nonEmptyText, 'The key, in base64.')
const wanted = {
  fingerprint: optional(nonEmptyText, 'Fingerprint of the key.'),
  key: optional(nonEmptyText, 'The key, in base64.'),
  port,
  enc: optional(nonEmptyText, 'Kind of the key.'),
  config,
  hash_known_hosts: defaulted(flag, true, 'Hide the name of the host in the file.'),
  timeout: defaulted(whole, 5, 'Seconds to wait for the host.'),
}

async function lines(fun: string, look: Reader, of: string | undefined, file: string): Promise<string[]> {
  const account = of === undefined ? undefined : await look.accounts.user(of)
  if (of !== undefined && !account)
    throw new TsaltError('function-failed', { fun, reason: `User ${of} does not exist` })
  const path = file.startsWith('/') ? file : join(account?.home ?? '/', file)
  if (!(await look.files.infoFollowed(path))) return []
  return linesOf(Buffer.from(await look.files.read(path)).toString('utf8'))
}

const knownFile = (of: string | undefined, file: string | undefined): string =>
  file ?? (of === undefined ? '/etc/ssh/ssh_known_hosts' : '.ssh/known_hosts')
const shown = (host: string, { enc, key: base64 }: HostKey) => ({
  hostname: host,
  key: base64,
  enc,
  fingerprint: fingerprintOf(base64, 'sha256'),
})
const keyKind = /^(?:ssh-|ecdsa-|sk-)/

/** Of a line of authorized_keys; options before the key may hold blanks in quotes. */
function authorized(line: string) {
  const words = line.trim().match(/(?:"(?:\\.|[^"\\])*"|[^\s"])+/g) ?? []
  const at = words.findIndex((word) => keyKind.test(word))
  const base64 = words[at + 1]
  if (at < 0 || at > 1 || base64 === undefined || line.trim().startsWith('#')) return undefined
  return {
    key: base64,
    about: {
      enc: words[at] ?? '',
      comment: words.slice(at + 2).join(' '),
      options: at === 1 ? (words[0] ?? '').split(',') : [],
      fingerprint: fingerprintOf(base64, 'sha256'),
    },
  }
}

export const sshModule = execModule({
  summary: 'Keys that may log in, and hosts that are known.',
  functions: {
    auth_keys: asking(
      'Keys that may log in as a user.',
      'ssh.auth_keys root',
      { user, config: defaulted(nonEmptyText, '.ssh/authorized_keys', 'The file.') },
      async (given, { look }) =>
        Object.fromEntries(
          (await lines('ssh.auth_keys', look, given.user, given.config.replace('%h/', '')))
            .flatMap((line) => authorized(line) ?? [])
            .map((one) => [one.key, one.about]),
        ),
    ),
    set_auth_key: changing(
      'Lets a key log in as a user.',
      'ssh.set_auth_key alice AAAAC3Nza… enc=ed25519',
      {
        user,
        key,
        enc: defaulted(nonEmptyText, 'ssh-rsa', 'Kind of the key.'),
        comment: defaulted(text, '', 'What stands behind it.'),
        config: defaulted(nonEmptyText, '.ssh/authorized_keys', 'The file.'),
      },
      async (given, context) => {
        const { key: name, comment, ...rest } = given
        const { changed } = await byState(
          'ssh_auth.present',
          { ...rest, name, ...(comment !== '' && { comment }) },
          context,
        )
        return changed ? 'new' : 'no change'
      },
    ),
    rm_auth_key: changing(
      'Takes the right to log in from a key.',
      'ssh.rm_auth_key alice AAAAC3Nza…',
      { user, key, config: defaulted(nonEmptyText, '.ssh/authorized_keys', 'The file.') },
      async ({ key: name, ...rest }, context) =>
        (await byState('ssh_auth.absent', { ...rest, name }, context)).changed
          ? 'Key removed'
          : 'Key not present',
    ),
    get_known_host_entries: asking(
      'Keys by which a host is known.',
      'ssh.get_known_host_entries root github.com',
      { user: anyUser, hostname, config, port },
      async (given, { look }) => {
        const host = lookedFor(given.hostname, given.port)
        const known = (
          await lines('ssh.get_known_host_entries', look, given.user, knownFile(given.user, given.config))
        )
          .flatMap((line) => parseLine(line) ?? [])
          .filter((line) => line.marker === undefined && isOf(line, host))
        return known.map((one) => shown(given.hostname, one))
      },
    ),
    recv_known_host_entries: asking(
      'Keys that a host shows now; nothing tells that they are its own.',
      'ssh.recv_known_host_entries github.com',
      { hostname, enc: wanted.enc, port, timeout: wanted.timeout },
      async (given, { look }) => {
        const keys = await scanKeys(
          { name: given.hostname, port: given.port, enc: given.enc, timeout: given.timeout },
          look,
        )
        return typeof keys === 'string' ? null : keys.map((one) => shown(given.hostname, one))
      },
    ),
    set_known_host: changing(
      'Makes a host known.',
      'ssh.set_known_host root github.com fingerprint=SHA256:…',
      { user: anyUser, hostname, ...wanted },
      async ({ hostname: name, ...given }, context) => {
        const { changed } = await byState('ssh_known_hosts.present', { ...given, name }, context)
        return { status: changed ? 'updated' : 'exists' }
      },
    ),
    rm_known_host: changing(
      'Forgets a host.',
      'ssh.rm_known_host root old.example.org',
      { user: anyUser, hostname, config, port },
      async ({ hostname: name, ...given }, context) => {
        const { comment } = await byState('ssh_known_hosts.absent', { ...given, name }, context)
        return { status: 'removed', comment }
      },
    ),
  },
})
