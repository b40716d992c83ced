/** All beacons of a minion: begun, ended, changed and switched as configuration, pillar and kept file say. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Beacons } from '../../../../minion/beacons/beacons.ts'
import type { Watch } from '../../../../minion/beacons/contract.ts'
import type { BeaconEntry } from '../../../../minion/beacons/entry.ts'
import { RunningBeacon } from '../../../../minion/beacons/running-beacon.ts'
import { type Dict, isDict, toPlain, toValue } from '../../../../shared/data/value.ts'
import { TsaltError } from '../../../../shared/errors/error.ts'
import { loadYaml } from '../../../../shared/render/yaml.ts'
import { TestSurroundings } from './around.ts'

class World {
  readonly folder = mkdtempSync(join(tmpdir(), 'tsalt-beacons-'))
  readonly around = new TestSurroundings()
  readonly said: string[] = []
  readonly told: string[] = []
  pillar: Dict = new Map()
  programs: Record<string, string> = {}
  fetches = 0
  readonly beacons: Beacons

  constructor(configured = '{}') {
    const dict = (): Dict => {
      const value = loadYaml(configured, '/etc/tsalt/minion')
      return isDict(value) ? value : new Map()
    }
    this.beacons = new Beacons({
      clock: { ...this.around.clock, monotonic: () => performance.now() + 1_000_000 },
      log: pino({ level: 'info' }, { write: (line: string) => this.said.push(line) }),
      // Without places, as options are.
      configured: toValue(toPlain(dict()) as never) as Dict,
      configuredWithPlaces: dict,
      file: join(this.folder, 'beacons.json'),
      pillar: () => this.pillar,
      findProgram: (name) => this.programs[name],
      fetchPrograms: async () => void this.fetches++,
      surroundings: () => this.around,
      inStateRun: () => false,
      tell: (beacon, tag) => void this.told.push(`${beacon}/${tag}`),
    })
  }

  keep(kept: unknown): Promise<void> {
    writeFileSync(join(this.folder, 'beacons.json'), JSON.stringify(kept))
    return this.beacons.refresh()
  }

  end(): void {
    this.beacons.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

let world: World
afterEach(() => world?.end())

const off = '{ps: {processes: {zzz: stopped}, interval: 100}}'

describe('the beacons of a minion', () => {
  it('are begun at the start, and none of them is loaded where there are none', async () => {
    world = new World(off)
    await world.beacons.refresh()
    expect(world.beacons.report('ps')).toBeUndefined()
    world.beacons.start()
    await vi.waitFor(() => expect(world.told).toEqual(['ps/']))
    expect(world.beacons.report('ps')).toMatchObject({ told: 1, dropped: 0, mistake: undefined })
  })

  it('a wrong one is named with its place, and the others go on', async () => {
    world = new World('ps: {processes: {zzz: stopped}}\nload:\n  averages: {1m: [5, 2]}\n')
    world.beacons.start()
    await world.beacons.refresh()
    expect(world.beacons.report('load')?.mistake).toContain('/etc/tsalt/minion:3:14')
    expect(world.said.join()).toContain('beacon-invalid')
    await vi.waitFor(() => expect(world.told).toEqual(['ps/']))
  })

  it('follow the file, the pillar and their switches; one that stays is not begun anew', async () => {
    world = new World(off)
    world.beacons.start()
    await vi.waitFor(() => expect(world.told).toEqual(['ps/']))
    await world.keep({ entries: { more: { beacon_module: 'ps', processes: { yyy: 'stopped' } } } })
    await vi.waitFor(() => expect(world.told).toEqual(['ps/', 'more/']))
    world.pillar = toValue({
      beacons: { third: [{ beacon_module: 'ps' }, { processes: { xxx: 'stopped' } }] },
    }) as Dict
    await world.beacons.refresh()
    await vi.waitFor(() => expect(world.told).toEqual(['ps/', 'more/', 'third/']))
    await world.keep({ switches: { ps: false } })
    expect(world.beacons.report('more')).toBeUndefined()
    expect(world.beacons.report('ps')?.told).toBeUndefined()
    expect(world.beacons.report('third')).toMatchObject({ told: 1 })
    await world.keep({ enabled: false })
    expect(world.beacons.report('third')?.told).toBeUndefined()
    await world.keep({})
    await vi.waitFor(() => expect(world.told.length).toBe(5))
    await world.keep('[half')
    expect(world.said.join()).toContain('stay as they were')
  })

  it('a program that is not there is fetched, once in a while, and begun when it came', async () => {
    world = new World('{own: {limit: 1}}')
    world.beacons.start()
    await world.beacons.refresh()
    await world.beacons.refresh(true)
    expect(world.fetches).toBe(1)
    expect(world.beacons.report('own')?.mistake).toContain('no kind of beacon "own"')
    world.programs = { own: '/nowhere/own' }
    await world.beacons.refresh(true)
    await vi.waitFor(() => expect(world.beacons.report('own')?.trouble).toContain('ENOENT'))
  })
})

describe('a beacon', () => {
  let watch: { sights: number; fails: string | undefined; lost: number; skipped: number; closed: number }
  const told: string[] = []
  let around: TestSurroundings
  beforeEach(() => {
    told.length = 0
    around = new TestSurroundings()
    watch = { sights: 0, fails: undefined, lost: 0, skipped: 0, closed: 0 }
  })
  let running: RunningBeacon
  afterEach(() => running.stop())

  const open = (): Watch => ({
    look: async () => {
      if (watch.fails !== undefined) throw new Error(watch.fails)
      return Array.from({ length: watch.sights }, () => ({ data: new Map() }))
    },
    lost: () => watch.lost,
    skip: () => void watch.skipped++,
    close: () => void watch.closed++,
  })
  function begin(more: Partial<BeaconEntry> = {}, tell?: () => void): void {
    const entry = {
      name: 'one',
      kind: 'ps',
      enabled: true,
      interval: 10,
      quietInStateRuns: false,
      runOnce: false,
    }
    running = new RunningBeacon({ ...entry, open, ...more }, around, (_, tag, data) => {
      tell?.()
      told.push(tag === 'overflow' ? `overflow ${data.get('dropped')}` : tag)
    })
    running.start()
  }

  it('tells so much, then how much it left out', async () => {
    watch.sights = 130
    watch.lost = 5
    begin({ interval: 100_000 })
    await vi.waitFor(() => expect(told).toHaveLength(100))
    expect(running.state).toMatchObject({ told: 100, dropped: 35 })
    running.stop()
    told.length = 0
    watch.lost = 0
    watch.sights = 130
    begin({ interval: 20 })
    await vi.waitFor(() => expect(told).toHaveLength(100))
    watch.sights = 0
    around.monotonic += 1_000
    await vi.waitFor(() => expect(told[100]).toMatch(/^overflow \d+$/))
  })

  it('says what is wrong, and goes on', async () => {
    watch.fails = 'no such thing'
    begin()
    await vi.waitFor(() => expect(running.state.trouble).toBe('no such thing'))
    watch.fails = undefined
    watch.sights = 1
    await vi.waitFor(() => expect(told.length).toBeGreaterThan(1))
    expect(running.state.trouble).toBeUndefined()
  })

  it('drops what there is no room for, and counts it', async () => {
    watch.sights = 1
    begin({ runOnce: true }, () => {
      throw new TsaltError('event-outbox-full', { count: 2_000 })
    })
    await vi.waitFor(() => expect(running.state.trouble).toContain('event-outbox-full'))
    expect(running.state).toMatchObject({ told: 0 })
    expect(running.state.dropped).toBeGreaterThan(0)
  })

  it('looks once where that is asked for, and skips while it is held', async () => {
    watch.sights = 1
    begin({ runOnce: true })
    await vi.waitFor(() => expect(watch.closed).toBe(1))
    expect(told).toHaveLength(1)
    around.held = true
    begin()
    await vi.waitFor(() => expect(watch.skipped).toBeGreaterThan(2))
    expect(told).toHaveLength(1)
  })
})
