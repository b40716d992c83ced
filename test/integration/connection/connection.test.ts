import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ConnectionSetup, MasterConnection } from '../../../minion/connection/connection.ts'
import type { Phase } from '../../../minion/connection/phase.ts'
import { type Identity, IdentityFiles } from '../../../minion/enrolment/identity-files.ts'
import { systemClock } from '../../../shared/clock.ts'
import { TsaltError } from '../../../shared/errors/error.ts'
import { parseJobId, parseMinionId } from '../../../shared/ids.ts'
import { silentLogger } from '../../../shared/log.ts'
import { serialOf, validityOf } from '../../../shared/pki/certificate.ts'
import { makeRequest } from '../../../shared/pki/certificate-request.ts'
import { TestMaster, type TestMasterOptions, welcome } from './test-master.ts'

const id = parseMinionId('web1')
const jid = parseJobId('20261122043000123456')
let folder = ''
let masters: TestMaster[] = []
let connections: MasterConnection[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsalt-connection-'))
})
afterEach(async () => {
  for (const connection of connections) await connection.stop()
  for (const master of masters) await master.close()
  masters = []
  connections = []
  rmSync(folder, { recursive: true, force: true })
})

async function makeMaster(options: TestMasterOptions = {}): Promise<TestMaster> {
  const master = await new TestMaster(options).listen()
  masters.push(master)
  return master
}

function identityFrom(master: TestMaster, days = 30): { files: IdentityFiles; identity: Identity } {
  const files = new IdentityFiles(join(folder, 'pki'), systemClock)
  files.storeAuthority(master.authority)
  files.storeCertificate(master.issue(makeRequest(files.keys(), id), days))
  const identity = files.identity(id)
  if (identity === undefined) throw new Error('no identity')
  return { files, identity }
}

function connect(
  own: { files: IdentityFiles; identity: Identity },
  ports: number[],
  extra: Partial<ConnectionSetup> = {},
) {
  const phases: Phase[] = []
  const lost: string[] = []
  const connection = new MasterConnection({
    ...own,
    masters: ports.map((port) => ({ host: '127.0.0.1', port })),
    clock: systemClock,
    logger: silentLogger(),
    version: '0.0.1',
    reconDefault: 10,
    reconMax: 40,
    pingInterval: 0,
    handlers: { 'job.deliver': () => {}, 'job.kill': () => {} },
    greeting: () => ({ grains: { os: 'Debian' }, unfinished: [] }),
    ...extra,
  })
  connection.watch({ phase: (phase) => phases.push(phase), lost: (end) => lost.push(end.reason) })
  connections.push(connection)
  connection.start()
  return { connection, phases, lost }
}

const until = async (condition: () => boolean): Promise<void> => {
  for (let turns = 0; turns < 500 && !condition(); turns++)
    await new Promise((resolve) => setTimeout(resolve, 10))
  expect(condition()).toBe(true)
}
const errorCodes = (phases: Phase[]): string[] =>
  phases.flatMap((phase) => ('error' in phase && phase.error ? [phase.error.code] : []))

describe('a connection', () => {
  it('greets, is ready, asks and sends, and hears of jobs only when ready', async () => {
    const acknowledged: string[] = []
    const heard: string[] = []
    const master = await makeMaster({
      handlers: (channel) => ({
        hello: (message) => {
          expect(message.body).toMatchObject({
            version: '0.0.1',
            grains: { os: 'Debian' },
            unfinished: [jid],
          })
          welcome(channel(), message)
          channel().send('job.kill', { jid, signal: 'TERM' })
        },
        'pillar.get': (message) =>
          channel().answer(message, 'pillar', { pillar: { a: 1 }, errors: [], secrets: [], places: {} }),
        'job.ack': ({ body }) => void acknowledged.push(body.jid),
      }),
    })
    const { connection } = connect(identityFrom(master), [master.port], {
      greeting: async () => ({ grains: { os: 'Debian' }, unfinished: [jid] }),
      handlers: {
        'job.deliver': () => {},
        'job.kill': ({ body }) => {
          heard.push(`${body.signal} ${connection.phase.phase}`)
          connection.send('job.ack', { jid })
        },
      },
    })
    connection.watch({ ready: ({ generation }) => heard.push(`ready ${generation}`) })
    expect(connection.send('job.ack', { jid })).toBe(false)
    await expect(connection.request('pillar.get', {})).rejects.toMatchObject({ code: 'not-connected' })
    await until(() => acknowledged.length === 1)
    expect(heard).toEqual(['ready 1', 'TERM ready'])
    expect((await connection.request('pillar.get', {})).body.pillar).toEqual({ a: 1 })
  })

  it('comes back after a loss, and to the next master where the first is gone', async () => {
    const first = await makeMaster()
    const second = await makeMaster({ issuer: first.issuer, authority: first.authority })
    const { connection, lost, phases } = connect(identityFrom(first), [1, first.port, second.port])
    await until(() => connection.isReady)
    expect(errorCodes(phases)).toEqual(['master-unreachable'])
    for (const channel of first.channels) channel.terminate('cut')
    await until(() => lost.length === 1)
    await until(() => connection.isReady)
    expect(first.certificates).toHaveLength(2)
    await first.close()
    masters = [second]
    await until(() => lost.length === 2)
    await until(() => connection.isReady)
    expect(second.certificates).toHaveLength(1)
  })

  it('leaves when it is asked to, after what is under way, and comes back when it is told', async () => {
    let finish = (): void => {}
    const master = await makeMaster({
      handlers: (channel) => ({
        'pillar.get': (message) => {
          channel().send('drain', { comeBackAfter: 300 })
          finish = () =>
            channel().answer(message, 'pillar', { pillar: {}, errors: [], secrets: [], places: {} })
        },
      }),
    })
    const { connection } = connect(identityFrom(master), [master.port])
    await until(() => connection.isReady)
    const asked = connection.request('pillar.get', {})
    await until(() => connection.phase.phase === 'draining')
    await expect(connection.request('pillar.get', {})).rejects.toMatchObject({ code: 'not-connected' })
    finish()
    await asked
    await until(() => connection.phase.phase === 'disconnected')
    const begun = performance.now()
    await until(() => connection.isReady)
    expect(performance.now() - begun).toBeGreaterThan(200)
  })

  it('is not made with another CA, nor with a minion in the role of the master', async () => {
    const own = await makeMaster()
    const stranger = await makeMaster()
    const impostor = await makeMaster({
      issuer: own.issuer,
      authority: own.authority,
      role: { role: 'minion', id },
    })
    const both = connect(identityFrom(own), [stranger.port, impostor.port])
    await until(() => errorCodes(both.phases).length >= 4)
    expect(new Set(errorCodes(both.phases))).toEqual(new Set(['master-untrusted']))
    const reasons = both.phases.flatMap((phase) =>
      'error' in phase && phase.error ? [phase.error.message] : [],
    )
    expect(reasons.some((reason) => reason.includes('not that of a master'))).toBe(true)
    expect(stranger.certificates).toHaveLength(0)
    expect(impostor.certificates).toHaveLength(0)
  })

  it('tells what a master says that refuses, and enrols again where its key is gone', async () => {
    let gone = true
    const master = await makeMaster({
      refuse: () =>
        gone
          ? { status: 403, body: '{"code":"key-not-accepted","message":"The key is gone.","hint":"Ask."}' }
          : undefined,
    })
    const own = identityFrom(master)
    const refusals: string[] = []
    const { connection } = connect(own, [master.port], {
      enrolAgain: async (refusal) => {
        refusals.push(`${refusal.message} ${refusal.hint}`)
        gone = false
        return own.identity
      },
    })
    await until(() => connection.isReady)
    expect(refusals).toHaveLength(1)
    expect(refusals[0]).toContain('The key is gone. [key-not-accepted] Ask.')
  })

  it('bears a refusal that is nonsense', async () => {
    const bodies = ['', 'nonsense', '{"__proto__":1}', 'x'.repeat(100_000), '{"code":1}']
    let turn = 0
    const master = await makeMaster({ refuse: () => ({ status: 502, body: bodies[turn++ % 5] ?? '' }) })
    const { phases } = connect(identityFrom(master), [master.port])
    await until(() => turn > 5)
    expect(new Set(errorCodes(phases))).toEqual(new Set(['master-refused']))
  })

  it('goes on after a welcome that cannot be, or none', async () => {
    let turn = 0
    const master = await makeMaster({
      handlers: (channel) => ({
        hello: (message) => {
          turn++
          if (turn === 1) throw new TsaltError('protocol-version', { minion: '1', master: '2' })
          if (turn === 2) channel().close('go away')
          else if (turn === 3)
            channel().answer(message, 'welcome', { version: '9', protocol: 9, wallTime: 0, generation: 1 })
          else welcome(channel(), message)
        },
      }),
    })
    const { connection, phases } = connect(identityFrom(master), [master.port])
    await until(() => connection.isReady)
    expect(errorCodes(phases)).toEqual(['request-refused', 'connection-lost', 'protocol-version'])
  })

  it('stops in every phase', async () => {
    const master = await makeMaster({ handlers: () => ({ hello: () => {} }) })
    const waiting = connect(identityFrom(master), [master.port])
    await until(() => waiting.connection.phase.phase === 'greeting')
    await waiting.connection.stop()
    expect(waiting.connection.phase).toEqual({ phase: 'disconnected' })
    const nowhere = connect(identityFrom(master), [1], { reconDefault: 60_000, reconMax: 60_000 })
    await until(() => nowhere.connection.phase.phase === 'disconnected')
    await nowhere.connection.stop()
    connections = []
  })
})

describe('the certificate', () => {
  const stored = (): string => readFileSync(join(folder, 'pki/minion.crt'), 'utf8')

  it('is renewed at two thirds of its life, over the live connection, for the same key', async () => {
    const master = await makeMaster()
    // One day before, 0.4 after: two thirds are over.
    const own = identityFrom(master, 0.4)
    const { connection, lost } = connect(own, [master.port])
    await until(() => stored() !== own.identity.certificate)
    expect(connection.isReady).toBe(true)
    expect(lost).toEqual([])
    for (const channel of master.channels) channel.terminate('cut')
    await until(() => master.certificates.length === 2)
    const [first, second] = master.certificates
    if (first === undefined || second === undefined) throw new Error('no certificates')
    expect(serialOf(second)).not.toBe(serialOf(first))
    expect(second.publicKey.equals(first.publicKey)).toBe(true)
  })

  it('is renewed after it has expired, where the master allows it', async () => {
    const master = await makeMaster({
      handlers: (channel, certificate) => ({
        hello: (message) => {
          if (validityOf(certificate).notAfter < systemClock.now())
            throw new TsaltError('certificate-renewal-due', {})
          welcome(channel(), message)
        },
      }),
    })
    const own = identityFrom(master, -0.1)
    const { connection } = connect(own, [master.port])
    await until(() => connection.isReady)
    expect(master.certificates).toHaveLength(2)
    expect(stored()).not.toBe(own.identity.certificate)
  })

  it('stays as it is where the new one does not fit', async () => {
    let asked = 0
    const master = await makeMaster({
      handlers: (channel) => ({
        'cert.renew': (message) => {
          asked++
          channel().answer(message, 'cert.issued', {
            certificate: new TestMaster().issue(message.body.request),
          })
        },
      }),
    })
    const own = identityFrom(master, 0.4)
    const { connection } = connect(own, [master.port])
    await until(() => asked === 1)
    expect(connection.isReady).toBe(true)
    expect(stored()).toBe(own.identity.certificate)
  })
})
