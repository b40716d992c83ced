/** The beacons of a real daemon, on the event bus of a real master. */
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Json } from '../../../shared/data/codec.ts'
import { Stage, until } from '../stage/stage.ts'

let stage: Stage

const program = `#!/bin/sh
read -r request
case $request in *'"limit":3'*) echo '{"tag": "asked", "id": "somebody-else", "limit": 3}' ;; esac
`

beforeAll(async () => {
  stage = await Stage.open({
    states: {
      '_beacons/mine': program,
      'watch.sls':
        'watch:\n  beacon.present:\n    - name: by-state\n    - beacon_module: ps\n    - processes: {no-such-thing: stopped}\n    - interval: 1\n',
      'write.sls': "write:\n  cmd.run:\n    - name: 'sleep 2; echo x > {{ pillar.file }}; sleep 1'\n",
    },
  })
  const watched = stage.path('watched')
  mkdirSync(watched)
  writeFileSync(stage.path('log'), 'before\n')
  await stage.minion.end('SIGTERM')
  const beacons = `beacons:
  load: [averages: {1m: [10000, 20000]}, interval: 1]
  memusage: {percent: 0%, interval: 1}
  diskusage: [/: 0%, interval: 1]
  ps: [processes: {nothing-of-this-name: stopped}, interval: 1]
  inotify: [files: {${watched}: {mask: [create, modify], recurse: True}}, interval: 0.5, disable_during_state_run: True]
  log: [file: ${stage.path('log')}, tags: {disk/bad: {regex: '.*I/O error.*'}}, interval: 0.5]
  wrong: [beacon_module: laod]
  mine: {limit: 3, interval: 1}
`
  const file = stage.path('w/etc/tsalt/minion')
  writeFileSync(file, `${readFileSync(file, 'utf8')}${beacons}`, { mode: 0o600 })
  await stage.restart(stage.minion)
}, 60_000)
afterAll(() => stage?.close())

async function call(
  fun: string,
  args: readonly Json[] = [],
  kwargs: Record<string, Json> = {},
): Promise<unknown> {
  const jid = stage.newJid()
  await stage.submit(jid, fun, args, { kwargs })
  return (await stage.ended(jid)).return?.ret
}

type Seen = { readonly tag: string; readonly data: Record<string, Json> }

async function events(beginning: string): Promise<Seen[]> {
  const seen: Seen[] = []
  const query = new URLSearchParams({ follow: 'false' })
  for await (const event of stage.client.events(query, AbortSignal.timeout(5_000))) seen.push(event as never)
  return seen.filter(({ tag }) => tag?.startsWith(`salt/beacon/one/${beginning}`))
}

const come = (beginning: string, count = 1): Promise<Seen[]> =>
  until(`${count} events of ${beginning}`, 25, async () => {
    const seen = await events(beginning)
    return seen.length >= count ? seen : undefined
  })

test('what each kind sees is on the bus under Salt’s tag, with the id of the minion', async () => {
  const [load] = await come('load/')
  expect(load?.tag).toBe('salt/beacon/one/load/')
  expect(Object.keys(load?.data ?? {}).sort()).toEqual(['15m', '1m', '5m', 'id'])
  expect((await come('memusage/'))[0]?.data).toMatchObject({ id: 'one', memusage: expect.anything() })
  expect((await come('diskusage/'))[0]?.data).toMatchObject({ id: 'one', mount: '/' })
  expect((await come('ps/'))[0]?.data).toEqual({ id: 'one', 'nothing-of-this-name': 'Stopped' })

  const watched = stage.path('watched')
  mkdirSync(`${watched}/deep`)
  writeFileSync(`${watched}/deep/file`, 'x')
  const [made] = await come(`inotify/${watched}/deep`)
  expect(made).toMatchObject({
    tag: `salt/beacon/one/inotify/${watched}/deep`,
    data: { id: 'one', path: `${watched}/deep/file`, change: 'IN_CREATE' },
  })

  appendFileSync(stage.path('log'), 'sda: I/O error\n')
  renameSync(stage.path('log'), stage.path('log.1'))
  writeFileSync(stage.path('log'), 'sdb: I/O error\n')
  const lines = await come('log/disk/bad', 2)
  expect(lines.map(({ data }) => data['raw'])).toEqual(['sda: I/O error', 'sdb: I/O error'])
})

test('a program of the tree watches once it is there, and cannot say who it is', async () => {
  await call('saltutil.sync_beacons')
  const [asked] = await come('mine/asked')
  expect(asked).toMatchObject({ tag: 'salt/beacon/one/mine/asked', data: { id: 'one', limit: 3 } })
})

test('a mistake is named with its place, and stops nothing', async () => {
  const said = String(await call('beacons.list'))
  expect(said).toMatch(/# +at .*\/etc\/tsalt\/minion:\d+:\d+|Did you mean "load"/)
  expect(said).toContain('Did you mean "load"?')
  const status = (await call('beacons.status')) as Record<string, { trouble: string; told: number }>
  expect(status['wrong']?.trouble).toContain('/etc/tsalt/minion:')
  expect(status['load']).toMatchObject({ trouble: null, from: 'configuration', enabled: true })
  expect(status['load']?.told).toBeGreaterThan(0)
})

test('functions and states add, change, switch and remove, and the daemon follows at once', async () => {
  expect(
    await call('beacons.add', ['more', { beacon_module: 'ps', processes: { zzz: 'stopped' } }]),
  ).toMatchObject({
    result: true,
    comment: 'Added beacon: more.',
  })
  await come('more/')
  expect(await call('beacons.add', ['more', {}])).toMatchObject({ result: false })
  expect(await call('beacons.add', ['bad', { beacon_module: 'ps' }])).toMatchObject({ result: false })
  expect(await call('beacons.disable_beacon', ['load'])).toMatchObject({ result: true })
  const before = (await events('load/')).length
  await new Promise((resolve) => setTimeout(resolve, 2_500))
  expect((await events('load/')).length).toBeLessThanOrEqual(before + 1)
  expect(await call('beacons.delete', ['load'])).toMatchObject({ result: false })
  const changed = { beacon_module: 'ps', processes: { yyy: 'stopped' }, interval: 1 }
  expect(await call('beacons.modify', ['more', changed], { test: true })).toMatchObject({ result: true })
  expect(await call('beacons.modify', ['more', changed])).toMatchObject({ comment: 'Modified beacon: more.' })
  await until('the changed beacon', 20, async () =>
    JSON.stringify(await events('more/')).includes('yyy') ? true : undefined,
  )
  expect(await call('beacons.disable')).toMatchObject({ result: true })
  expect(await call('beacons.list', [], { return_yaml: false })).toMatchObject({ enabled: false })
  expect(await call('beacons.enable')).toMatchObject({ result: true })
  const jid = stage.newJid()
  await stage.submit(jid, 'beacons.delete', ['more'])
  expect((await stage.ended(jid)).return?.ret).toMatchObject({ result: true })
  await call('undo.job', [jid])
  expect(await call('beacons.list', [], { return_yaml: false })).toHaveProperty('more')
  expect(await call('beacons.delete', ['more'])).toMatchObject({ result: true })
  await call('state.apply', ['watch'])
  await come('by-state/')
  expect(JSON.stringify(await call('state.apply', ['watch']))).toContain('correct state')
  expect(await call('beacons.reset')).toMatchObject({ result: true })
  expect(await call('beacons.list', [], { return_yaml: false })).not.toHaveProperty('by-state')
  expect(String(await call('beacons.list_available'))).toContain('mine')
})

test('what a state run does is not told where that is asked for', async () => {
  const file = `${stage.path('watched')}/by-state-run`
  await call('state.apply', ['write'], { pillar: { file } })
  writeFileSync(`${stage.path('watched')}/by-hand`, 'x')
  await until('the file by hand', 10, async () =>
    JSON.stringify(await events('inotify/')).includes('by-hand') ? true : undefined,
  )
  expect(JSON.stringify(await events('inotify/'))).not.toContain('by-state-run')
})

test('what is seen without a master comes when it is back', async () => {
  await stage.master.end('SIGKILL')
  appendFileSync(stage.path('log'), 'sdc: I/O error\n')
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  await stage.restart(stage.master)
  await stage.minionAnswers()
  await until('the line', 20, async () =>
    JSON.stringify(await events('log/')).includes('sdc') ? true : undefined,
  )
})
