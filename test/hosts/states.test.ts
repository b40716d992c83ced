/**
 * Every kind of state on a real Debian host, driven from the master: the dry run tells exactly what the real run
 * then does, and a second run has nothing to do.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makePackage } from './harness/debian-root.ts'
import { Fleet } from './harness/fleet.ts'
import type { Host } from './harness/host.ts'
import { notSilent, Site, type StateEntry } from './harness/site.ts'
import { stateTrees } from './states-trees.ts'

let fleet: Fleet
let site: Site
let host: Host

beforeAll(async () => {
  fleet = await Fleet.boot(['master', 'one'])
  for (const name of ['probe-a', 'probe-b'])
    for (const version of ['1.0-1', '1.0-2']) await makePackage(fleet.repository, name, version)
  const pillars = { 'top.yaml': 'base:\n  "*": [one]\n', 'one.yaml': 'greeting: hello\n' }
  site = await Site.install(fleet, { states: stateTrees, pillars })
  host = await site.join({ host: 'one', id: 'one', grains: { role: 'app' } })
  await host.sh('apt-get -q update')
}, 60_000)

afterAll(async () => {
  await fleet?.halt()
})

type Entries = Readonly<Record<string, StateEntry>>

async function apply(sls: string, ...more: string[]): Promise<Entries> {
  const { returns, stderr } = await site.states(['one', 'state.apply', sls, ...more])
  const entries = returns.one
  if (!entries || Array.isArray(entries)) throw new Error(`${sls}: ${JSON.stringify(entries)} ${stderr}`)
  return entries
}

/** In a dry run null stands for what only the real run can tell: the output of a command. */
function withoutUnknown(real: unknown, dry: unknown): unknown {
  if (dry === null) return null
  if (typeof real !== 'object' || real === null || Array.isArray(real) || typeof dry !== 'object') return real
  const expected = new Map(Object.entries(dry))
  return Object.fromEntries(
    Object.entries(real).map(([key, value]) => [key, withoutUnknown(value, expected.get(key))]),
  )
}

const byId = (entries: Entries, id: string): StateEntry => {
  const found = Object.values(entries).find(({ __id__ }) => __id__ === id)
  if (!found) throw new Error(`no state ${id} among ${Object.keys(entries).join(', ')}`)
  return found
}

/** Dry run, real run, second run; returns what the real one did. */
async function holds(sls: string, repeats = false): Promise<Entries> {
  const dry = await apply(sls, 'test=True')
  const real = await apply(sls)
  expect(Object.keys(real)).toEqual(Object.keys(dry))
  for (const [tag, entry] of Object.entries(real)) {
    const predicted = dry[tag]
    expect({ tag, changes: withoutUnknown(entry.changes, predicted?.changes) }).toEqual({
      tag,
      changes: predicted?.changes,
    })
    const foretold = entry.result === true && Object.keys(entry.changes).length > 0 ? null : entry.result
    expect({ tag, result: predicted?.result, comment: entry.comment }).toEqual({
      tag,
      result: foretold,
      comment: entry.comment,
    })
  }
  if (!repeats) expect(notSilent({ one: { ...(await apply(sls)) } })).toEqual([])
  return real
}

const version = async (name: string): Promise<string> =>
  (await host.sh(`dpkg-query -W -f '\${Version}' ${name} 2>/dev/null || true`)).trim()

describe('packages', () => {
  test('are installed in a version, many at once, each told once', async () => {
    const real = await holds('packages.installed')
    expect(byId(real, 'exact').changes).toEqual({ 'probe-a': { old: '', new: '1.0-1' } })
    expect(byId(real, 'many').changes).toEqual({ 'probe-b': { old: '', new: '1.0-2' } })
  })

  test('are upgraded, go back, are held and released', async () => {
    expect(byId(await holds('packages.latest'), 'newest').changes).toEqual({
      'probe-a': { old: '1.0-1', new: '1.0-2' },
    })
    await holds('packages.older')
    expect(await version('probe-a')).toBe('1.0-1')
    expect((await host.sh('apt-mark showhold')).trim()).toBe('probe-b')
  })

  test('that are held are neither changed nor removed, in a dry run as in a real one', async () => {
    for (const test of ['True', 'False']) {
      const entries = await apply('packages.held', `test=${test}`)
      expect(Object.values(entries).map(({ result }) => result)).toEqual([false, false])
      expect(byId(entries, 'gone').comment).toContain('held: probe-b')
    }
    expect(await version('probe-b')).toBe('1.0-1')
  })

  test('are released, installed from a file, removed and purged', async () => {
    await holds('packages.released')
    await holds('packages.file')
    expect(await version('probe-a')).toBe('1.0-2')
    await holds('packages.gone')
    expect([await version('probe-a'), await version('probe-b')]).toEqual(['', ''])
  })

  test('that do not exist fail, with the nearest name', async () => {
    const entries = await apply('packages.unknown')
    expect(byId(entries, 'probe-aa').comment).toContain('Did you mean "probe-a"?')
    expect(byId(entries, 'no-version').comment).toContain('1.0-2, 1.0-1')
  })
})

describe('files', () => {
  test('are made from templates, sources, contents, the pillar and grains', async () => {
    await holds('files.made')
    expect(await host.sh('cat /srv/t/deep/template /srv/t/pillar /srv/t/grain /srv/t/tree/sub/b')).toBe(
      'hello me one\nhello\napp\none\n',
    )
    expect((await host.sh('stat -c "%U %G %a" /srv/t/deep/template /srv/t/deep /srv/t/plain')).trim()).toBe(
      'nobody nogroup 640\nnobody nogroup 750\nroot root 700',
    )
  })

  test('are changed, cleaned, linked and removed', async () => {
    await host.sh('echo x > /srv/t/tree/extra; echo x > /srv/t/clean-me; echo file > /srv/t/link')
    const real = await holds('files.changed')
    expect(byId(real, 'binary').changes).toEqual({ diff: 'Replace binary file' })
    expect(byId(real, 'secret').changes).toEqual({ diff: '<show_changes=False>', mode: '0600' })
    expect(await host.sh('cd /srv/t; ls tree; readlink link; cat link.old plain; ls -A kept')).toBe(
      'a\nsub\n/srv/t/plain\nfile\n1\n2\n3\nstays\n',
    )
    const kept = await host.sh('cat /var/cache/tsalt/minion/file_backup/srv/t/plain_*')
    expect(kept).toBe('1\n2\n')
  })

  test('whose check fails stay as they are', async () => {
    await host.sh('echo good > /srv/t/checked')
    const entries = await apply('files.checked')
    expect(byId(entries, 'checked')).toMatchObject({ result: false, changes: {} })
    expect(await host.sh('cat /srv/t/checked')).toBe('good\n')
  })
})

describe('services', () => {
  const shown = (): Promise<string> =>
    host.sh('systemctl show -p InvocationID -p Description -p NeedDaemonReload demo')

  test('start from a unit of the same run, restart with a changed unit, reload on request', async () => {
    expect(byId(await holds('services.running'), 'demo').changes).toEqual({ demo: true })
    const before = await shown()
    site.edit('/srv/tsalt/services/running.yaml', 'the first', 'the second')
    expect(byId(await holds('services.running'), 'demo').comment).toBe('Service restarted')
    const after = await shown()
    expect(after).toContain('the second')
    expect(after).toContain('NeedDaemonReload=no')
    expect(after).not.toBe(before)
    site.edit('/srv/tsalt/services/running.yaml', 'a=1', 'a=2')
    site.edit('/srv/tsalt/services/running.yaml', 'reload: False', 'reload: True')
    expect(byId(await holds('services.running'), 'demo').comment).toBe('Service reloaded')
    expect(await shown()).toBe(after)
  })

  test('are stopped and disabled, masked and unmasked', async () => {
    await holds('services.dead')
    expect((await host.exec(['systemctl', 'is-enabled', 'demo', 'cron'])).stdout).toBe('disabled\nmasked\n')
    await holds('services.unmasked')
    expect((await host.exec(['systemctl', 'is-active', 'cron'])).stdout).toBe('active\n')
  })

  test('that die at once fail with their log, without a change', async () => {
    const broken = byId(await apply('services.broken'), 'broken')
    expect(broken).toMatchObject({ result: false, changes: {} })
    expect(broken.comment).toContain('203/EXEC')
  })
})

describe('commands', () => {
  test('run as somebody, somewhere, with variables, input and conditions', async () => {
    const real = await holds('commands.run', true)
    expect(byId(real, 'as').changes).toMatchObject({ stdout: 'bar /tmp nobody', retcode: 0 })
    expect(byId(real, 'input').changes).toMatchObject({ stdout: 'read me' })
    expect(byId(real, 'script').changes).toMatchObject({ stdout: 'hello 7 one two three nobody' })
    expect(byId(real, 'waits').changes).toMatchObject({ stdout: 'waited' })
    for (const id of ['not-created', 'not-wanted', 'not-changed']) expect(byId(real, id).changes).toEqual({})
    const again = await apply('commands.run', 'test=True')
    expect(byId(again, 'once').changes).toEqual({})
  })

  test('that fail say why; what the state reports itself counts', async () => {
    const real = await apply('commands.fail')
    expect(byId(real, 'slow').comment).toContain('timed out after 1 seconds')
    expect(byId(real, 'nobody-there')).toMatchObject({ result: false, changes: {} })
    expect(byId(real, 'stateful')).toMatchObject({ result: true, comment: 'did it' })
    expect(byId(real, 'unchanged').changes).toEqual({})
  })
})

describe('accounts', () => {
  test('are made, changed and removed in full', async () => {
    await holds('accounts.made')
    expect(await host.sh('getent passwd web; id -Gn web; getent shadow web | cut -d: -f2')).toBe(
      'web:x:4600:4500:Web User,7,,3:/home/web:/bin/bash\nstaff-one staff-two\n$6$a$b\n',
    )
    await holds('accounts.changed')
    expect(await host.sh('getent passwd web; getent group staff-two')).toBe(
      'web:x:4601:4500:Web,7,,3:/home/web:/bin/sh\nstaff-two:x:4700:nobody\n',
    )
    await holds('accounts.gone')
    expect((await host.exec(['getent', 'passwd', 'web'])).code).toBe(2)
  })
})
