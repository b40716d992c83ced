/** Where this minion's masters are: as configured, else where the join token that it came by led to. */
import { mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { MinionOptions } from '../../shared/config/minion-options.ts'
import { minionOptions } from '../../shared/config/minion-options.ts'
import { parseJoinToken } from '../../shared/pki/join-token.ts'
import {
  formatMasterAddress,
  type MasterAddress,
  parseMasterAddress,
  parseMasterAddresses,
} from '../connection/master-address.ts'
import { writeFileAtomicSync } from '../system/atomic-file.ts'

/** @throws TsaltError `master-address-invalid`, `join-token-invalid` */
export function mastersOf(options: MinionOptions): readonly MasterAddress[] {
  if (options.master !== minionOptions.master.default)
    return parseMasterAddresses(options.master, options.master_port)
  if (options.join_token !== '') {
    const { host, port } = parseJoinToken(options.join_token)
    return [{ host, port }]
  }
  const joined = readJoined(options)
  return joined ? [joined] : parseMasterAddresses(options.master, options.master_port)
}

/** After enrolment by a token: the next start may be without it. */
export function rememberMaster(options: MinionOptions, address: MasterAddress): void {
  mkdirSync(dirname(fileOf(options)), { recursive: true, mode: 0o700 })
  writeFileAtomicSync(fileOf(options), `${formatMasterAddress(address)}\n`, { mode: 0o600, walk: false })
}

function readJoined(options: MinionOptions): MasterAddress | undefined {
  try {
    return parseMasterAddress(readFileSync(fileOf(options), 'utf8').trim(), options.master_port)
  } catch {
    // Never joined by a token, or not readable any more: the option counts.
    return undefined
  }
}

const fileOf = (options: MinionOptions): string => join(options.state_dir, 'master')
