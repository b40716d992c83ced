/**
 * The identities of a simulated fleet: real keys and certificates, signed by the master's own code with a CA of the
 * fleet. They are kept below the temporary folder between runs, for making five thousand takes a while.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openAuthority } from '../../../master/pki/authority.ts'
import { hashOfDer } from '../../../master/pki/key-desk.ts'
import type { StoredCertificate, StoredKey } from '../../../master/store/keys.ts'
import { keyMigrations, openKeyStore } from '../../../master/store/sqlite/keys.ts'
import { openStore } from '../../../master/store/sqlite/store.ts'
import { systemClock } from '../../../shared/clock.ts'
import { parseMinionId } from '../../../shared/ids.ts'
import { makeRequest, parseRequest } from '../../../shared/pki/certificate-request.ts'
import { makeKeyPair, privateKeyToPem } from '../../../shared/pki/key-pair.ts'
import { fromPem } from '../../../shared/pki/pem.ts'

/** One minion: what it has on its disk, and what its master has in its store. */
export interface Member {
  /** PEM */
  readonly privateKey: string
  readonly key: StoredKey
  readonly certificate: StoredCertificate
}

export interface Fleet {
  /** The CA's key and certificate, and the master's own. */
  readonly pki: string
  /** One member on each line, JSON. */
  readonly members: string
  readonly count: number
}

/** Certificates live for thirty days and would renew themselves after twenty. */
const certificateDays = 30
const longestAge = 10 * 86_400_000

/** The id of the member with this index: `s00042`. */
export const memberId = (index: number): string => `s${String(index).padStart(5, '0')}`

/** @param log is told where it takes a while */
export function openFleet(count: number, log: (text: string) => void): Fleet {
  const folder = join(tmpdir(), `tsalt-swarm-fleet-${process.getuid?.() ?? 0}-${count}`)
  const fleet: Fleet = { pki: join(folder, 'pki'), members: join(folder, 'members'), count }
  if (existsSync(fleet.members) && Date.now() - statSync(fleet.members).mtimeMs < longestAge) return fleet
  log(`making ${count} keys and certificates`)
  const fresh = `${folder}.${process.pid}`
  rmSync(fresh, { recursive: true, force: true })
  mkdirSync(fresh, { mode: 0o700 })
  writeFileSync(join(fresh, 'members'), makeMembers(join(fresh, 'pki'), count), { mode: 0o600 })
  rmSync(folder, { recursive: true, force: true })
  renameSync(fresh, folder)
  return fleet
}

function makeMembers(pki: string, count: number): string {
  const authority = openAuthority(pki, systemClock)
  authority.server()
  const lines: string[] = []
  for (let index = 0; index < count; index++) {
    const id = parseMinionId(memberId(index))
    const pair = makeKeyPair()
    const request = makeRequest(pair, id)
    const { publicKey, fingerprint } = parseRequest(request)
    const issued = authority.issue({ role: 'minion', id }, publicKey, certificateDays)
    const since = issued.notBefore
    const key: StoredKey = { id, fingerprint, state: 'accepted', generation: 0, since, request }
    const { serial, pem, notBefore, notAfter } = issued
    const hash = hashOfDer(fromPem('CERTIFICATE', pem))
    const certificate = { serial, id, generation: 0, fingerprint, hash, pem, notBefore, notAfter }
    lines.push(JSON.stringify({ privateKey: privateKeyToPem(pair), key, certificate }))
  }
  return `${lines.join('\n')}\n`
}

/** The members from one index to before another. */
export function readMembers(file: string, from = 0, to = Number.POSITIVE_INFINITY): Member[] {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  return lines.slice(from, to).map((line) => JSON.parse(line) as Member)
}

/** Makes a master's folder know the whole fleet: its CA, the accepted keys, the certificates. */
export function enlist(fleet: Fleet, pkiFolder: string, storeFile: string): void {
  mkdirSync(dirname(pkiFolder), { recursive: true, mode: 0o700 })
  cpSync(fleet.pki, pkiFolder, { recursive: true })
  const store = openStore(storeFile, [keyMigrations])
  const keys = openKeyStore(store.database)
  keys.transaction(() => {
    for (const { key, certificate } of readMembers(fleet.members)) {
      keys.putKey(key)
      keys.addCertificate({ ...certificate, revoked: undefined })
    }
  })
  void store.close()
}
