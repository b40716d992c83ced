/** ssh_known_hosts.present: a host is known by its key. */
import * as v from 'valibot'
import { systemClock } from '../../../shared/clock.ts'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { flag, nonEmptyText, text, whole } from '../../../shared/schema/scalars.ts'
import type { Reader } from '../../system/reader.ts'
import {
  type ArgumentRefusal,
  type Decision,
  drift,
  failed,
  inSync,
  type StateRun,
  stateFunction,
  unknown,
} from '../contract.ts'
import { fileEntries, openKnownHosts, refuseFile, saveKnownHosts, shownKey } from './known-hosts-file.ts'
import {
  fingerprintOf,
  type HostKey,
  hashedName,
  isKey,
  kindInside,
  lookedFor,
  readFingerprint,
} from './known-hosts-line.ts'
import { scanKeys } from './scan.ts'

const args = v.strictObject({
  name: needed(nonEmptyText, 'Host name or address, as it is given to ssh.'),
  ...fileEntries,
  fingerprint: optional(text, 'Fingerprint that one of its keys must have; the keys are asked of the host.'),
  key: optional(text, 'The key itself, in base64; the host is not asked.'),
  enc: optional(text, 'Kind of the key: `ssh-ed25519`, `ed25519`, `ecdsa`, `ssh-rsa`.'),
  hash_known_hosts: defaulted(flag, true, 'Hide the name of the host in the file.'),
  hash_hostname: optional(flag, 'Old name of `hash_known_hosts`.'),
  timeout: defaulted(whole, 5, 'Seconds to wait for the host.'),
})
type Arguments = v.InferOutput<typeof args>

export const present = stateFunction({
  summary: 'Makes sure that SSH of a user knows a host by its key.',
  args,
  examples: [
    'github.com:\n  ssh_known_hosts.present:\n    - user: deploy\n    - fingerprint: uNiVztksCsDhcc0u9e8BrUsXVUBlEZdfJqVTANKqAwY\n',
    'git.example.org:\n  ssh_known_hosts.present:\n    - port: 2222\n    - enc: ssh-ed25519\n    - key: AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleExa\n    - hash_known_hosts: False\n',
  ],
  refuse,
  check,
})

const kinds: Readonly<Record<string, string>> = {
  rsa: 'ssh-rsa',
  dsa: 'ssh-dss',
  dss: 'ssh-dss',
  ed25519: 'ssh-ed25519',
}

function refuse(wanted: Arguments): ArgumentRefusal | undefined {
  const { key, fingerprint, enc } = wanted
  if (key !== undefined && fingerprint !== undefined)
    return { argument: 'fingerprint', reason: 'Specify either "key" or "fingerprint", not both.' }
  if (key !== undefined && !isKey(key))
    return {
      argument: 'key',
      reason: "it is not a public key in base64 (the second word of ssh-keyscan's line)",
    }
  if (fingerprint !== undefined && !readFingerprint(fingerprint))
    return { argument: 'fingerprint', reason: 'it is neither an MD5 nor a SHA-256 fingerprint of a key' }
  const inside = key === undefined ? undefined : kindInside(key)
  const named = enc === undefined ? undefined : (kinds[enc] ?? enc)
  if (
    named !== undefined &&
    inside !== undefined &&
    named !== inside &&
    !(named === 'ecdsa' && inside.startsWith('ecdsa'))
  )
    return { argument: 'enc', reason: `the key is one of ${inside}` }
  if (enc?.startsWith('-')) return { argument: 'enc', reason: `"${enc}" is no kind of key` }
  return refuseFile(wanted)
}

async function check(wanted: Arguments, look: Reader, run: StateRun): Promise<Decision> {
  const now = await openKnownHosts(wanted, look, run)
  if (now.kind !== 'known-hosts') return now
  const known = [...now.own.values()]
  const { name, key } = wanted
  const fingerprint = wanted.fingerprint === undefined ? undefined : readFingerprint(wanted.fingerprint)
  const isRight = (one: HostKey): boolean =>
    key !== undefined
      ? one.key === key
      : !fingerprint || fingerprintOf(one.key, fingerprint.kind) === fingerprint.value
  if (known.some(isRight)) return inSync(`Host ${name} is already in ${now.shown}`)
  const keys =
    key === undefined ? await received(wanted, isRight, look) : [{ enc: kindInside(key) ?? '', key }]
  if (typeof keys === 'string') {
    const bringer =
      run.test && run.predicted.find(({ state }) => ['pkg', 'service', 'cmd', 'host'].includes(state))
    return bringer
      ? unknown(`${name} does not answer yet; ${bringer.state}.${bringer.fun} ${bringer.id} may change that`)
      : failed(keys)
  }
  const hash = wanted.hash_hostname ?? wanted.hash_known_hosts
  const host = lookedFor(name, wanted.port)
  const written = (one: HostKey): string =>
    `${hash ? hashedName(host, Buffer.from(systemClock.randomHex(20), 'hex')) : host} ${one.enc} ${one.key}`
  const shown = (all: readonly HostKey[]) => (all.length === 0 ? null : all.map((one) => shownKey(name, one)))
  const about =
    key === undefined
      ? `fingerprint: ${keys.map((one) => fingerprintOf(one.key, fingerprint?.kind ?? 'sha256')).join(', ')}`
      : `key: ${key}`
  return drift(
    { old: shown(known), new: shown(keys) },
    {
      would: `Key for ${name} is set to be ${known.length > 0 ? 'updated in' : 'added to'} ${now.shown}`,
      done: `${name}'s key saved to ${now.shown} (${about})`,
    },
    (act) =>
      saveKnownHosts(
        now,
        [...now.lines.filter((_, index) => !now.own.has(index)), ...keys.map(written)],
        act,
      ),
  )
}

/** @returns what is wrong, as text */
async function received(
  { name, port, enc, timeout, fingerprint }: Arguments,
  isRight: (key: HostKey) => boolean,
  look: Reader,
): Promise<HostKey[] | string> {
  const keys = await scanKeys(
    { name, port, enc: enc === undefined ? undefined : (kinds[enc] ?? enc), timeout },
    look,
  )
  if (typeof keys === 'string' || fingerprint === undefined) return keys
  const right = keys.filter(isRight)
  return right.length > 0
    ? right
    : `Remote host public keys found but none of their fingerprints match the one you have provided: ${keys
        .map((one) => `${one.enc} ${fingerprintOf(one.key, readFingerprint(fingerprint)?.kind ?? 'sha256')}`)
        .join(', ')}`
}
