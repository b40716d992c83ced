/** What a minion that is not accepted tells the person in front of it. */
import { formatFingerprint, type MinionId } from '../../shared/ids.ts'
import type { EnrolmentStatus } from '../enrolment/enrol.ts'

export function enrolmentLines(
  id: MinionId,
  { state, master, fingerprint, tokenRefused }: EnrolmentStatus,
): string {
  const key = `  fingerprint of its key: ${formatFingerprint(fingerprint)}\n`
  if (state === 'pending')
    return `${token(id, tokenRefused)}Minion ${id} waits to be accepted by the master ${master}.\n${key}  Compare it there and accept it: tsalt-key -a ${id}\n`
  if (state === 'rejected')
    return `The master ${master} has rejected the key of minion ${id}.\n${key}  To let it ask again, on the master: tsalt-key -d ${id}\n`
  return `The master ${master} knows ${id} with another key.\n${key}  If this machine replaces that one, on the master: tsalt-key -d ${id}. Else give this one another id.\n`
}

function token(id: MinionId, refused: string | undefined): string {
  if (refused === undefined) return ''
  return `${refused}\n  A new one, on the master: tsalt-key --token --id ${id}. Then start this minion with it again.\n`
}
