/** What tells a minion, before it has ever spoken to its master, which master to trust. */
import type { MinionOptions } from '../../shared/config/minion-options.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { type Fingerprint, formatFingerprint, parseFingerprint } from '../../shared/ids.ts'
import { sameFingerprint } from '../../shared/pki/fingerprint.ts'
import { parseJoinToken } from '../../shared/pki/join-token.ts'
import { type MasterAddress, parseMasterAddresses } from '../connection/master-address.ts'

export interface Pin {
  /** Of the CA's certificate; undefined: whoever answers first is trusted (`trust_on_first_use`). */
  readonly fingerprint: Fingerprint | undefined
  /** What the fingerprint comes from, for people: `master_finger`. */
  readonly source: string
  /** The secret half of a join token. */
  readonly secret: string | undefined
  /** Where to enrol: the token's master first. */
  readonly masters: readonly MasterAddress[]
}

type PinOptions = Pick<
  MinionOptions,
  'master' | 'master_port' | 'master_finger' | 'join_token' | 'trust_on_first_use'
>

/**
 * @param file the configuration file, for the error's hint
 * @throws TsaltError `master-not-pinned`, `fingerprint-invalid`, `join-token-invalid`, `master-address-invalid`,
 * `master-fingerprint-differs` where token and `master_finger` contradict each other
 */
export function pinOf(options: PinOptions, file: string): Pin {
  const finger = options.master_finger === '' ? undefined : parseFingerprint(options.master_finger)
  if (options.join_token !== '') return pinOfToken(options, finger)
  const masters = parseMasterAddresses(options.master, options.master_port)
  if (finger !== undefined)
    return { fingerprint: finger, source: 'master_finger', secret: undefined, masters }
  if (!options.trust_on_first_use) throw new TsaltError('master-not-pinned', { file })
  return { fingerprint: undefined, source: 'trust_on_first_use', secret: undefined, masters }
}

function pinOfToken(options: PinOptions, finger: Fingerprint | undefined): Pin {
  const { host, port, fingerprint, secret } = parseJoinToken(options.join_token)
  requirePinned(fingerprint, { fingerprint: finger, source: 'master_finger' }, 'the one in join_token')
  return { fingerprint, source: 'join_token', secret, masters: [{ host, port }] }
}

/** @param address where the CA was seen @throws TsaltError `master-fingerprint-differs`, with both in full */
export function requirePinned(
  actual: Fingerprint,
  { fingerprint, source }: Pick<Pin, 'fingerprint' | 'source'>,
  address: string,
): void {
  if (fingerprint === undefined || sameFingerprint(actual, fingerprint)) return
  throw new TsaltError('master-fingerprint-differs', {
    address,
    actual: formatFingerprint(actual),
    expected: formatFingerprint(fingerprint),
    source,
  })
}
