/** When the functions of the mine are asked: news, time, a connection that came back. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { MineRefresher } from '../../../../minion/mine/mine-refresher.ts'
import { systemClock } from '../../../../shared/clock.ts'
import { type Dict, toValue } from '../../../../shared/data/value.ts'
import { nextJobId } from '../../../../shared/ids.ts'
import type { JobReturn } from '../../../../shared/protocol/messages/job-return.ts'

const minute = 60_000
let folder: string
let pillar: Dict
let isReady: boolean
let asked: number
let retcode: number
let refresher: MineRefresher
/** Happens while the functions are asked. */
let meanwhile: () => void

const names = (...functions: string[]): Dict =>
  toValue({ mine_functions: Object.fromEntries(functions.map((name) => [name, []])) }) as Dict

function open(configured: Record<string, unknown> = {}, more = {}): MineRefresher {
  refresher?.stop()
  refresher = new MineRefresher({
    clock: { ...systemClock, random: () => 0.5 },
    log: pino({ level: 'silent' }),
    options: { mine_enabled: true, mine_functions: configured, mine_interval: 60, ...more },
    mark: join(folder, 'mark'),
    isReady: () => isReady,
    pillar: () => pillar,
    update: async () => {
      asked += 1
      meanwhile()
      return { jid: nextJobId(1, undefined), outcome: 'done', retcode } as unknown as JobReturn
    },
  })
  return refresher
}
const settle = () => vi.advanceTimersByTimeAsync(1_000)

beforeEach(() => {
  vi.useFakeTimers()
  folder = mkdtempSync(join(tmpdir(), 'tsalt-mine-'))
  pillar = new Map()
  isReady = true
  asked = 0
  retcode = 0
  meanwhile = () => {}
})
afterEach(() => {
  refresher.stop()
  vi.useRealTimers()
  rmSync(folder, { recursive: true })
})

describe('the mine is told', () => {
  test('after the start, then at its time and no sooner', async () => {
    open({ 'test.ping': [] }).connected()
    await settle()
    expect(asked).toBe(1)
    refresher.connected()
    refresher.pillarCompiled()
    await vi.advanceTimersByTimeAsync(59 * minute)
    expect(asked).toBe(1)
    await vi.advanceTimersByTimeAsync(2 * minute)
    expect(asked).toBe(2)
  })

  test('nothing where nothing is configured, and once where something was', async () => {
    open().connected()
    refresher.pillarCompiled()
    refresher.due()
    await settle()
    expect(asked).toBe(0)
    open({ 'test.ping': [] }).connected()
    await settle()
    expect([asked, existsSync(join(folder, 'mark'))]).toEqual([1, true])
    open().connected()
    await settle()
    expect([asked, existsSync(join(folder, 'mark'))]).toEqual([2, false])
    open().connected()
    await settle()
    expect(asked).toBe(2)
  })

  test('when the pillar names other functions, and whenever it was refreshed by hand', async () => {
    open().connected()
    pillar = names('test.ping')
    refresher.pillarCompiled()
    refresher.pillarCompiled()
    await settle()
    expect(asked).toBe(1)
    refresher.pillarCompiled()
    await settle()
    expect(asked).toBe(1)
    refresher.due()
    await settle()
    expect(asked).toBe(2)
    pillar = names('test.ping', 'test.version')
    refresher.pillarCompiled()
    await settle()
    expect(asked).toBe(3)
  })

  test('after the next connect what was cut off, at once or at its time', async () => {
    retcode = 1
    meanwhile = () => {
      isReady = false
    }
    open({ 'test.ping': [] }).connected()
    await settle()
    expect(asked).toBe(1)
    meanwhile = () => {}
    retcode = 0
    await settle()
    expect(asked).toBe(1)
    isReady = true
    refresher.connected()
    await settle()
    expect(asked).toBe(2)
    isReady = false
    await vi.advanceTimersByTimeAsync(120 * minute)
    expect(asked).toBe(2)
    isReady = true
    refresher.connected()
    await settle()
    expect(asked).toBe(3)
  })

  test('of a mistake once, until something changes', async () => {
    retcode = 1
    open({ 'no.such': [] }).connected()
    await settle()
    refresher.pillarCompiled()
    refresher.connected()
    await settle()
    expect(asked).toBe(1)
  })

  test('never by itself where it is switched off, and not by time where there is none', async () => {
    open({ 'test.ping': [] }, { mine_enabled: false }).connected()
    refresher.due()
    await vi.advanceTimersByTimeAsync(100 * minute)
    expect(asked).toBe(0)
    open({ 'test.ping': [] }, { mine_interval: 0 }).connected()
    await vi.advanceTimersByTimeAsync(1_000 * minute)
    expect(asked).toBe(1)
  })
})
