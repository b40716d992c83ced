import type { AddressInfo } from 'node:net'
import { connect, type Socket } from 'node:net'
import pino from 'pino'
import { afterEach, describe, expect, it } from 'vitest'
import { Doorway } from '../../../../master/gateway/doorway.ts'
import { KnownAddresses } from '../../../../master/gateway/known-addresses.ts'
import { handshakesAtOnce, strangersAudited, unknownPerAddress } from '../../../../master/gateway/limits.ts'
import { StrangerAudit } from '../../../../master/gateway/stranger-audit.ts'
import { type Clock, systemClock } from '../../../../shared/clock.ts'
import { parseMinionId } from '../../../../shared/ids.ts'

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

describe('the door in front of TLS', () => {
  const opened: Socket[] = []
  let doorway: Doorway | undefined
  afterEach(() => {
    for (const socket of opened.splice(0)) socket.destroy()
    doorway?.close()
  })
  const open = async (
    rate: number,
    knownAt: (address: string) => number = () => 0,
    handshake: (socket: Socket) => void = () => {},
  ) => {
    const admitted: Socket[] = []
    const door = new Doorway({
      clock: systemClock,
      rate,
      knownAt,
      admit: (socket) => {
        admitted.push(socket)
        handshake(socket)
      },
    })
    doorway = door
    await new Promise<void>((resolve) => door.server.listen(0, '127.0.0.1', resolve))
    const { port } = door.server.address() as AddressInfo
    const knock = (localAddress = '127.0.0.1') => {
      const socket = connect({ port, host: '127.0.0.1', localAddress })
      socket.on('error', () => {})
      opened.push(socket)
      return socket
    }
    return { admitted, knock, door }
  }

  it('admits at its rate, the known first, and sends the rest away', async () => {
    const { admitted, knock } = await open(20, (address) => (address === '127.0.0.2' ? 3 : 0))
    for (let number = 0; number < 30; number += 1) knock('127.0.0.1')
    await wait(30)
    for (let number = 0; number < 3; number += 1) knock('127.0.0.2')
    await wait(100)
    expect(admitted.length).toBeLessThan(30)
    while (admitted.length < 33) await wait(20)
    // They came last and did not have to wait for all who came before.
    expect(admitted.slice(-4).map(({ remoteAddress }) => remoteAddress)).not.toContain('127.0.0.2')
    let closed = 0
    // More than may wait: 18 seconds' worth.
    for (let number = 0; number < 460; number += 1)
      knock(`127.0.0.${4 + (number % 2)}`).once('close', () => (closed += 1))
    await wait(200)
    expect(closed).toBeGreaterThan(20)
  })

  it('caps the unknown of one address, until they have shown who they are', async () => {
    const { admitted, knock, door } = await open(0)
    let closed = 0
    const more = (count: number) => {
      for (let number = 0; number < count; number += 1) knock().once('close', () => (closed += 1))
    }
    more(unknownPerAddress + 10)
    await wait(200)
    expect([admitted.length, closed]).toEqual([unknownPerAddress, 10])
    for (const socket of admitted.slice(0, 50)) door.settle(socket)
    more(60)
    await wait(200)
    expect([admitted.length, closed]).toEqual([unknownPerAddress + 50, 20])
    knock('127.0.0.3')
    await wait(50)
    expect(admitted.length).toBe(unknownPerAddress + 51)
  })

  it('begins fewer handshakes while too many are under way, and never none', async () => {
    const { admitted, knock, door } = await open(100, undefined, (socket) => void socket.resume())
    for (let number = 0; number < 140; number += 1) knock().write('hello')
    await wait(1_000)
    // The first hundred tokens lasted for all that may be under way, and then for every eighth.
    const begun = admitted.length
    expect(begun).toBeGreaterThan(handshakesAtOnce)
    expect(begun).toBeLessThan(handshakesAtOnce + 30)
    for (const socket of [...admitted]) door.arrived(socket)
    await wait(500)
    expect(admitted.length).toBeGreaterThan(begun + 20)
  })

  it('does not make anybody wait for those that say nothing', async () => {
    const { admitted, knock } = await open(100)
    for (let number = 0; number < 140; number += 1) knock()
    await wait(1_000)
    expect(admitted.length).toBe(140)
  })

  it('lets a site behind one address come back at once, with as many as were there', async () => {
    const known = new KnownAddresses()
    const { admitted, knock } = await open(0, (address) => known.count(address))
    const id = (number: number) => parseMinionId(`site${number}`)
    for (let number = 0; number < 40; number += 1) known.note(id(number), '127.0.0.1')
    // One has moved, one came twice.
    known.note(id(0), '10.0.0.9')
    known.note(id(1), '127.0.0.1')
    expect([known.count('127.0.0.1'), known.count('10.0.0.9'), known.count('10.0.0.8')]).toEqual([39, 1, 0])
    let closed = 0
    for (let number = 0; number < unknownPerAddress + 49; number += 1)
      knock().once('close', () => (closed += 1))
    await wait(300)
    expect([admitted.length, closed]).toEqual([unknownPerAddress + 39, 10])
  })
})

describe('the audit of strangers', () => {
  it('writes down so many in a minute and counts the rest', () => {
    let now = 0
    const clock: Clock = { ...systemClock, monotonic: () => now }
    const lines: { reason?: string }[] = []
    const audit = new StrangerAudit(
      { record: (entry) => lines.push(entry), refusals: () => [], close: () => {} },
      clock,
      pino({ level: 'silent' }),
    )
    for (let number = 0; number < strangersAudited + 25; number += 1)
      audit.refused('10.0.0.1', 'connection', 'x')
    expect(lines).toHaveLength(strangersAudited)
    now = 61_000
    audit.refused('10.0.0.1', 'connection', 'y')
    expect(lines.slice(-2).map(({ reason }) => reason)).toEqual([
      '25 more refusals of unknown peers were not written down one by one',
      'y',
    ])
  })
})
