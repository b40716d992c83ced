/** x509.private_key_managed: a private key in a file. */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import * as v from 'valibot'
import { defaulted, needed, optional } from '../../../shared/schema/argument.ts'
import { choice, flag, text, whole } from '../../../shared/schema/scalars.ts'
import { stateFunction } from '../contract.ts'
import { fileEntries, manage, pathArgument } from './managed-file.ts'

const curves: Readonly<Record<number, string>> = { 256: 'prime256v1', 384: 'secp384r1', 521: 'secp521r1' }

const args = v.strictObject({
  name: needed(pathArgument, 'The file.'),
  algo: defaulted(choice(['rsa', 'ec', 'ed25519', 'ed448']), 'rsa', 'Kind of key.'),
  bits: optional(whole, 'Its size; default 2048 for RSA, 256 for `ec` (384, 521).'),
  keysize: optional(whole, 'The same.'),
  new: defaulted(
    flag,
    false,
    'True: a new one whenever this state changes something else is not enough: at every run.',
  ),
  overwrite: defaulted(flag, false, 'True: also in the place of something that is no key.'),
  passphrase: optional(text, 'What it is locked with.'),
  cipher: optional(text, 'Accepted; locked keys have aes-256-cbc.'),
  verbose: optional(flag, 'Accepted for trees of Salt.'),
  ...fileEntries,
})
type Arguments = v.InferOutput<typeof args>

const sizeOf = ({ bits, keysize, algo }: Arguments): number => bits ?? keysize ?? (algo === 'ec' ? 256 : 2048)

function generate(wanted: Arguments): string {
  const { algo, passphrase } = wanted
  const format = {
    type: 'pkcs8' as const,
    format: 'pem' as const,
    ...(passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase }),
  }
  if (algo === 'rsa')
    return generateKeyPairSync('rsa', { modulusLength: sizeOf(wanted) })
      .privateKey.export(format)
      .toString()
  if (algo === 'ec')
    return generateKeyPairSync('ec', { namedCurve: curves[sizeOf(wanted)] ?? 'prime256v1' })
      .privateKey.export(format)
      .toString()
  return (algo === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ed448')).privateKey
    .export(format)
    .toString()
}

/** undefined: it does not parse, or not with this passphrase. */
export function privateKeyOf(pem: string, passphrase?: string): KeyObject | undefined {
  try {
    return createPrivateKey({ key: pem, ...(passphrase === undefined ? {} : { passphrase }) })
  } catch {
    return undefined
  }
}

function reason(wanted: Arguments, pem: string): string | undefined {
  const key = privateKeyOf(pem, wanted.passphrase)
  if (!key) return 'it is not a key that can be read'
  if (/ENCRYPTED/.test(pem) !== (wanted.passphrase !== undefined)) return 'it is locked in another way'
  if (key.asymmetricKeyType !== wanted.algo) return `its kind is ${String(key.asymmetricKeyType)}`
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {}
  if (wanted.algo === 'rsa' && modulusLength !== sizeOf(wanted)) return `its size is ${String(modulusLength)}`
  if (wanted.algo === 'ec' && namedCurve !== curves[sizeOf(wanted)])
    return `its curve is ${String(namedCurve)}`
  return wanted.new ? 'a new one is wanted' : undefined
}

export const privateKeyManaged = stateFunction({
  summary: 'Makes sure that a file has a private key; it is made where there is none.',
  args,
  examples: ['/etc/pki/www.key:\n  x509.private_key_managed:\n    - bits: 4096\n    - makedirs: True\n'],
  refuse: (wanted) => {
    const size = sizeOf(wanted)
    if (wanted.algo === 'rsa' && (size < 2048 || size > 16_384))
      return {
        argument: wanted.bits === undefined ? 'keysize' : 'bits',
        reason: 'RSA has 2048 to 16384 bits',
      }
    return wanted.algo === 'ec' && curves[size] === undefined
      ? {
          argument: wanted.bits === undefined ? 'keysize' : 'bits',
          reason: 'curves have 256, 384 or 521 bits',
        }
      : undefined
  },
  check: (wanted, look) =>
    manage(
      {
        name: wanted.name,
        what: 'private key',
        wanted,
        freshMode: 0o400,
        reason: (pem) => reason(wanted, pem),
        make: async () => generate(wanted),
      },
      look,
    ),
})
