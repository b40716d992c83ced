/** undo.job on a real host, from the master: what a deployment changed comes back, and what cannot is named. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Fleet } from './harness/fleet.ts'
import { Site } from './harness/site.ts'

const id = 'web1.example'
const deploy = `/etc/undo:
  file.directory:
    - mode: '0750'
/etc/undo/app.conf:
  file.managed:
    - contents: port = 8080
    - user: nobody
    - require: [{file: /etc/undo}]
/etc/motd:
  file.managed:
    - contents: deployed
/etc/undo/link:
  file.symlink:
    - target: app.conf
    - require: [{file: /etc/undo}]
cron:
  service.dead:
    - enable: False
`
const command = 'note:\n  cmd.run:\n    - name: touch /etc/undo-note\n'

interface Entry {
  readonly result: boolean | null
  readonly comment: string
  readonly changes: object
}

describe('undo.job', () => {
  let fleet: Fleet
  let site: Site

  beforeAll(async () => {
    fleet = await Fleet.boot(['master', 'web'])
    site = await Site.install(fleet, {
      states: { 'deploy.sls': deploy, 'command.sls': command },
      pillars: {},
    })
    await site.join({ host: 'web', id })
    await fleet
      .host('web')
      .sh(
        'systemctl cat cron.service >/dev/null 2>&1 || printf "[Service]\\nExecStart=/bin/sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\n" > /etc/systemd/system/cron.service; systemctl daemon-reload; systemctl enable --now cron.service',
      )
  })
  afterAll(() => fleet?.halt())

  const picture = (): Promise<string> =>
    fleet
      .host('web')
      .sh(
        'cat /etc/motd 2>/dev/null; stat -c "%n %a %U" /etc/motd /etc/undo /etc/undo/* 2>/dev/null; systemctl is-active cron; systemctl is-enabled cron; true',
      )

  async function call(...words: string[]): Promise<{ code: number; entries: Record<string, Entry> }> {
    const run = await site.tsalt([id, ...words, '--out', 'json', '--static'])
    return { code: run.code, entries: JSON.parse(run.stdout)[id] }
  }

  async function newestJob(): Promise<string> {
    const listed = await site.tsalt([id, 'undo.list', '--out', 'json', '--static'])
    return Object.keys(JSON.parse(listed.stdout)[id]).sort().at(-1) ?? ''
  }

  let before = ''
  let deployed = ''
  let job = ''

  test('a deployment can be undone', async () => {
    before = await picture()
    expect((await call('state.apply', 'deploy')).code).toBe(0)
    deployed = await picture()
    expect(deployed).not.toBe(before)
    job = await newestJob()
    const dry = await call('undo.job', job, 'test=True')
    expect(dry.code).toBe(0)
    expect(Object.values(dry.entries).map(({ result }) => result)).toEqual([null, null, null, null, null])
    expect(await picture()).toBe(deployed)
    const real = await call('undo.job', job)
    expect(real.code).toBe(0)
    expect(Object.values(real.entries).map(({ changes }) => changes)).toEqual(
      Object.values(dry.entries).map(({ changes }) => changes),
    )
    expect(await picture()).toBe(before)
  })

  test('and the undo be undone', async () => {
    expect((await call('undo.job', await newestJob())).code).toBe(0)
    expect(await picture()).toBe(deployed)
  })

  test('what somebody changed since keeps it from being begun', async () => {
    await fleet.host('web').sh('echo mine > /etc/motd')
    const changed = await picture()
    const { code, entries } = await call('undo.job', await newestJob())
    expect(code).not.toBe(0)
    expect(Object.values(entries)).toMatchObject([
      { result: false, comment: expect.stringContaining('it was changed since') },
    ])
    expect(await picture()).toBe(changed)
  })

  test('a command is named', async () => {
    await call('state.apply', 'command')
    const { code, entries } = await call('undo.job', await newestJob())
    expect(code).not.toBe(0)
    expect(Object.values(entries)).toMatchObject([
      { result: false, comment: 'Cannot be put back: a command ran' },
    ])
  })
})
