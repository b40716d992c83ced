/** The minion's side against the real gateway: joining, being thrown out, coming back, and the end of the master. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { MasterConnection } from '../../../minion/connection/connection.ts'
import type { Phase } from '../../../minion/connection/phase.ts'
import { enrol } from '../../../minion/enrolment/enrol.ts'
import { type Identity, IdentityFiles } from '../../../minion/enrolment/identity-files.ts'
import { type Pin, pinOf } from '../../../minion/enrolment/pin.ts'
import { systemClock } from '../../../shared/clock.ts'
import { parseMinionId } from '../../../shared/ids.ts'
import { silentLogger } from '../../../shared/log.ts'
import { fingerprintOfKey } from '../../../shared/pki/fingerprint.ts'
import { type Master, startMaster } from '../gateway/master-fixture.ts'

const id = parseMinionId('web1')
const logger = silentLogger()
let master: Master
let folder = ''
let stop: AbortController
let connection: MasterConnection | undefined

beforeEach(async () => {
  master = await startMaster()
  folder = mkdtempSync(join(tmpdir(), 'tsalt-minion-'))
  stop = new AbortController()
})
afterEach(async () => {
  stop.abort()
  await connection?.stop()
  connection = undefined
  await master.stop()
  rmSync(folder, { recursive: true, force: true })
})

const until = async (condition: () => boolean): Promise<void> => {
  for (let turns = 0; turns < 500 && !condition(); turns++)
    await new Promise((resolve) => setTimeout(resolve, 10))
  expect(condition()).toBe(true)
}
const none = { master_port: 4510, master_finger: '', join_token: '', trust_on_first_use: false }

function enrolWith(pin: Pin, files: IdentityFiles, signal = stop.signal): Promise<Identity> {
  const pauses = { waitTime: 50, reconDefault: 10, reconMax: 50 }
  return enrol({ id, pin, files, clock: systemClock, logger, signal, ...pauses })
}

function keep(identity: Identity, files: IdentityFiles, pin: Pin): Phase[] {
  const phases: Phase[] = []
  connection = new MasterConnection({
    identity,
    files,
    masters: pin.masters,
    clock: systemClock,
    logger,
    version: '0.0.1',
    reconDefault: 10,
    reconMax: 50,
    pingInterval: 30_000,
    handlers: { 'job.deliver': () => {}, 'job.kill': () => {} },
    greeting: () => ({ grains: { os: 'Debian' }, unfinished: [] }),
    enrolAgain: (_refusal, signal) => enrolWith(pin, files, signal),
  })
  connection.watch({ phase: (phase) => phases.push(phase) })
  connection.start()
  return phases
}

it('joins by fingerprint; thrown out it asks again, and comes back as the next generation', async () => {
  const files = new IdentityFiles(join(folder, 'pki'), systemClock)
  const at = `127.0.0.1:${master.port}`
  const pin = pinOf({ ...none, master: at, master_finger: master.keys.masterFingerprint() }, '')
  const joining = enrolWith(pin, files)
  await until(() => master.keys.list().length === 1)
  const fingerprint = fingerprintOfKey(files.keys().publicKey)
  master.keys.act({ action: 'accept', match: id, fingerprint }, 'root')
  const identity = await joining

  const phases = keep(identity, files, pin)
  await until(() => connection?.isReady === true)
  expect((await connection?.request('pillar.get', {}))?.body.pillar).toEqual({ id })
  expect(master.sessions.connected().map((session) => session.id)).toEqual([id])

  master.keys.act({ action: 'delete', match: id }, 'root')
  await until(() => phases.some(({ phase }) => phase === 'enrolling'))
  await until(() => master.keys.list()[0]?.state === 'pending')
  master.keys.act({ action: 'accept', match: id, fingerprint }, 'root')
  await until(() => connection?.isReady === true)
  expect(connection?.phase).toMatchObject({ welcome: { generation: 1 } })
})

it('joins by token, and leaves in order when the master stops', async () => {
  const files = new IdentityFiles(join(folder, 'pki'), systemClock)
  const { token } = master.keys.makeToken({ idGlob: 'web*', seconds: 60, host: '127.0.0.1' }, 'root')
  const pin = pinOf({ ...none, master: 'nowhere', join_token: token }, '')
  const phases = keep(await enrolWith(pin, files), files, pin)
  await until(() => connection?.isReady === true)
  await master.gateway.close(2_000)
  await until(() => connection?.phase.phase === 'disconnected')
  expect(phases.map(({ phase }) => phase)).toContain('draining')
})
