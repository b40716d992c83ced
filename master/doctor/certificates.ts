/** Looks for certificates that have ended or soon will, and clocks that differ. */
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { shellWord } from '../../shared/output/shell-word.ts'
import type { KeyRow } from '../pki/key-service.ts'
import type { Finding } from './finding.ts'

const day = 86_400_000
/** How long before its end each should have been replaced. */
const soon = { authority: 180 * day, master: 15 * day, minion: 5 * day }
/** As the master's own warning at `hello`. */
const tolerableOffset = 60_000

/** The certificates in files of this machine. @param now milliseconds since the epoch */
export function ownCertificates(masterFolder: string, minionFolder: string, now: number): readonly Finding[] {
  const mint = 'a CA cannot be renewed yet: plan to set the master up anew, with every minion enrolled again'
  return [
    ...ending(join(masterFolder, 'ca.crt'), soon.authority, now, { note: mint }),
    ...ending(join(masterFolder, 'master.crt'), soon.master, now, {
      command: 'systemctl restart tsalt-master',
    }),
    ...ending(join(minionFolder, 'minion.crt'), soon.minion, now, {
      command: 'systemctl restart tsalt-minion',
    }),
    ...ending(join(minionFolder, 'master-ca.crt'), soon.minion, now, {
      note: 'the master has a new CA, or none',
    }),
  ]
}

function ending(
  file: string,
  margin: number,
  now: number,
  { command, note }: { readonly command?: string; readonly note?: string },
): Finding[] {
  let end: number
  try {
    end = Date.parse(new X509Certificate(readFileSync(file)).validTo)
  } catch (error) {
    if (
      (error as NodeJS.ErrnoException).code === 'ENOENT' ||
      (error as NodeJS.ErrnoException).code === 'EACCES'
    )
      return []
    return [{ problem: `${file} is not a certificate` }]
  }
  if (now < end - margin) return []
  const problem = `${file} ${endText(end, now)}${note === undefined ? '' : `; ${note}`}`
  return [command === undefined ? { problem } : { problem, command }]
}

/** Certificates of minions, as the master knows them. */
export function minionCertificates(keys: readonly KeyRow[], now: number): readonly Finding[] {
  return keys.flatMap(({ id, state, expires }) => {
    if (state !== 'accepted' || expires === undefined || now < expires - soon.minion) return []
    const problem = `the certificate of ${id} ${endText(expires, now)}`
    // Beyond the grace it has to be let in again.
    if (now > expires + 30 * day) return [{ problem, command: `tsalt-key -d ${shellWord(id)}` }]
    return [
      {
        problem: `${problem}; it renews it when it is connected`,
        command: `tsalt ${shellWord(id)} test.ping`,
      },
    ]
  })
}

export interface MinionClock {
  readonly id: string
  /** Milliseconds that the minion's clock was ahead of the master's when it connected. */
  readonly clockOffset?: number
}

export function clocks(minions: readonly MinionClock[]): readonly Finding[] {
  return minions.flatMap(({ id, clockOffset = 0 }) => {
    if (Math.abs(clockOffset) <= tolerableOffset) return []
    const seconds = Math.round(Math.abs(clockOffset) / 1000)
    const problem = `the clock of ${id} is ${seconds} s ${clockOffset > 0 ? 'ahead of' : 'behind'} the master's`
    return [{ problem, command: `tsalt ${shellWord(id)} cmd.run 'timedatectl set-ntp true'` }]
  })
}

function endText(end: number, now: number): string {
  const days = Math.floor(Math.abs(end - now) / day)
  return end < now ? `ended ${days} days ago` : `ends in ${days} days`
}
