/** Kinds of beacons that look at figures: when they tell, and when not. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { readBeacon } from '../../../../minion/beacons/entry.ts'
import { diskWatch, mountPoints } from '../../../../minion/beacons/kinds/diskusage.ts'
import { loadWatch } from '../../../../minion/beacons/kinds/load.ts'
import { usedShare } from '../../../../minion/beacons/kinds/memusage.ts'
import { processNames } from '../../../../minion/beacons/kinds/ps.ts'
import { beaconKinds } from '../../../../minion/beacons/registry.ts'
import { toPlain, toValue } from '../../../../shared/data/value.ts'
import { silentLogger } from '../../../../shared/log.ts'
import { opened, seen, TestSurroundings } from './around.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})
const scratch = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'tsalt-beacons-'))
  folders.push(folder)
  return folder
}

it('every kind of the folder is in the registry, by its name', async () => {
  const folder = new URL('../../../../minion/beacons/kinds/', import.meta.url)
  const kinds = readdirSync(folder).filter((name) =>
    / BeaconKind = \{/.test(readFileSync(new URL(name, folder), 'utf8')),
  )
  expect(Object.keys(beaconKinds).map((name) => `${name}.ts`)).toEqual(kinds.sort())
  for (const load of Object.values(beaconKinds)) expect((await load()).summary).not.toBe('')
})

describe('load', () => {
  const averages = (one: number) => [one, 0.5, 0.5]
  it('tells at every look that it is outside of its limits', async () => {
    let one = 1
    const settings = { limits: { '1m': [0.5, 2] as const }, onChangeOnly: false, emitAtStartup: true }
    const watch = loadWatch(settings, () => averages(one))
    expect(await seen(watch)).toEqual([])
    one = 3.456
    for (let look = 0; look < 2; look++)
      expect(await seen(watch)).toEqual([['', { '1m': 3.46, '5m': 0.5, '15m': 0.5 }]])
    one = 0.1
    expect(await seen(watch)).toHaveLength(1)
  })

  it('tells only when a limit is passed, in and out', async () => {
    const settings = { limits: { '1m': [0, 2] as const }, onChangeOnly: true, emitAtStartup: true }
    let one = 3
    const watch = loadWatch(settings, () => averages(one))
    const told = async (value: number) => {
      one = value
      return (await seen(watch)).length
    }
    expect([await told(3), await told(4), await told(1), await told(1), await told(3)]).toEqual([
      1, 0, 1, 0, 1,
    ])
    const quiet = loadWatch({ ...settings, emitAtStartup: false }, () => averages(one))
    expect([await seen(quiet), await seen(quiet)]).toEqual([[], []])
  })

  it('has the real averages', async () => {
    const watch = await opened('load', [{ averages: { '15m': [0, 0] } }])
    for (const [tag, data] of (await seen(watch)) as [string, object][])
      expect([tag, Object.keys(data)]).toEqual(['', ['1m', '5m', '15m']])
  })
})

describe('service', () => {
  it('tells at every look, or when it changes and stays so', async () => {
    const around = new TestSurroundings()
    around.running = new Set(['a', 'b', 'c'])
    const services = {
      a: null,
      b: { onchangeonly: true, delay: 10, emitatstartup: false },
      c: { onchangeonly: true },
    }
    const watch = await opened('service', [{ services }], around)
    const tags = async () => (await watch.look()).map(({ tag }) => tag)
    expect(await tags()).toEqual(['a', 'c'])
    expect(await tags()).toEqual(['a'])
    around.running.delete('b')
    expect(await tags()).toEqual(['a'])
    around.monotonic += 5_000
    around.running.add('b')
    expect(await tags()).toEqual(['a'])
    around.running.delete('b')
    await tags()
    around.monotonic += 10_000
    const [, told] = await watch.look()
    expect([told?.tag, toPlain(told?.data ?? null)]).toEqual([
      'b',
      { service_name: 'b', b: { running: false } },
    ])
    expect(await tags()).toEqual(['a'])
  })

  it('says whether one that is down has left its pid file behind', async () => {
    const pidFile = join(scratch(), 'pid')
    const watch = await opened('service', { services: { a: { uncleanshutdown: pidFile } } })
    expect(await seen(watch)).toMatchObject([['a', { a: { running: false, uncleanshutdown: false } }]])
    writeFileSync(pidFile, '7')
    expect(await seen(watch)).toMatchObject([['a', { a: { running: false, uncleanshutdown: true } }]])
  })
})

describe('diskusage', () => {
  it('asks mount points, those that an expression means, and the file system below a folder', async () => {
    expect(mountPoints('a / b\nc /mnt/two\\040words d\nc / d')).toEqual(['/', '/mnt/two words'])
    const asked: string[] = []
    const limits = [
      { text: '/', percent: 80, matches: (mount: string) => mount === '/' },
      { text: '/etc', percent: 70, matches: (mount: string) => mount === '/etc' },
    ]
    const watch = diskWatch(limits, { log: silentLogger() }, async (mount) => {
      asked.push(mount)
      return 75.2
    })
    expect(await seen(watch)).toEqual([['', { diskusage: 75.2, mount: '/etc' }]])
    expect(asked).toEqual(['/', '/etc'])
    const real = await opened('diskusage', [{ '^/(?!home).*$': '0%' }, { interval: 120 }])
    expect((await seen(real)).length).toBeGreaterThan(0)
  })
})

describe('memusage', () => {
  it('counts what is not available', async () => {
    expect(usedShare('MemTotal:    1000 kB\nMemFree: 5 kB\nMemAvailable:  250 kB\n')).toBe(75)
    expect(usedShare('nothing')).toBeUndefined()
    expect(await seen(await opened('memusage', { percent: '0%' }))).toHaveLength(1)
    expect(await seen(await opened('memusage', [{ percent: 100 }]))).toEqual([])
  })
})

describe('ps', () => {
  it('knows names that the kernel cut', async () => {
    const proc = scratch()
    const add = (pid: string, comm: string, command: string) => {
      mkdirSync(join(proc, pid))
      writeFileSync(join(proc, pid, 'comm'), `${comm}\n`)
      writeFileSync(join(proc, pid, 'cmdline'), command)
    }
    add('1', 'systemd', '/sbin/init\0')
    add('20', 'a-long-name-of-', '/usr/bin/a-long-name-of-a-program\0--flag\0')
    add('21', 'renamed-itself-', 'worker 7\0')
    mkdirSync(join(proc, 'sys'))
    expect([...(await processNames(proc))]).toEqual([
      'systemd',
      'a-long-name-of-a-program',
      'renamed-itself-',
    ])
  })

  it('tells of those that run and those that do not', async () => {
    const processes = { node: 'running', 'no-such-process': 'stopped', 'nor-this': 'running' }
    const told = await seen(await opened('ps', [{ processes }]))
    expect(told).toContainEqual(['', { 'no-such-process': 'Stopped' }])
    expect(JSON.stringify(told)).not.toContain('nor-this')
  })
})

describe('programs', () => {
  const watchOf = async (text: string, config = {}) => {
    const path = join(scratch(), 'own')
    writeFileSync(path, `#!/bin/sh\n${text}\n`)
    chmodSync(path, 0o700)
    return (await readBeacon('mine', toValue(config), () => path)).open(new TestSurroundings())
  }

  it('are given their configuration, and tell an event on each line', async () => {
    const script = `read line; printf '{"tag": "a/b", "asked": %s}\\n\\n{"n": 2}\\n' "$line"`
    const [first, second] = await seen(await watchOf(script, { limit: 3, interval: 20 }))
    expect(first).toMatchObject(['a/b', { asked: { beacon: 'mine', config: { limit: 3 }, id: 'web1' } }])
    expect(second).toEqual(['', { n: 2 }])
  })

  it.each([
    ['echo oops >&2; exit 3', 'exit code 3: oops'],
    ['echo nothing', 'no JSON object: "nothing"'],
    ['echo [1]', 'no JSON object'],
  ])('%s', async (script, reason) => {
    await expect((await watchOf(script)).look()).rejects.toThrow(reason)
  })

  it('that others may write are not run', async () => {
    const path = join(scratch(), 'own')
    writeFileSync(path, '#!/bin/sh\n')
    chmodSync(path, 0o777)
    const watch = (await readBeacon('mine', null, () => path)).open(new TestSurroundings())
    await expect(watch.look()).rejects.toThrow('others may write it')
  })
})
