import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { systemd } from '../../../../minion/providers/service/systemd/provider.ts'
import { serviceState, unitOf } from '../../../../minion/providers/service/systemd/unit-state.ts'
import { AccountFiles } from '../../../../minion/system/account-files.ts'
import type { RunCommand } from '../../../../minion/system/command.ts'

const root = fs.mkdtempSync(join(tmpdir(), 'tsalt-systemd-'))
fs.mkdirSync(join(root, 'run/systemd/system'), { recursive: true })
afterAll(() => fs.rmSync(root, { recursive: true }))

const block = (values: Readonly<Record<string, string>>) =>
  Object.entries({
    LoadState: 'loaded',
    ActiveState: 'active',
    SubState: 'running',
    UnitFileState: 'enabled',
    NeedDaemonReload: 'no',
    ...values,
  })
    .map(([key, value]) => `${key}=${value}`)
    .join('\n')

const units: Readonly<Record<string, string>> = {
  'nginx.service': block({ Id: 'nginx.service', NeedDaemonReload: 'yes' }),
  'ssh.service': block({ Id: 'ssh.service' }),
  'sshd.service': block({ Id: 'ssh.service', UnitFileState: 'alias' }),
  'app@1.service': block({ Id: 'app@1.service', ActiveState: 'failed', SubState: 'failed' }),
  'masked.service': block({
    Id: 'masked.service',
    LoadState: 'masked',
    ActiveState: 'inactive',
    UnitFileState: 'masked',
  }),
}
const absent = (unit: string) =>
  block({ Id: unit, LoadState: 'not-found', ActiveState: 'inactive', UnitFileState: '' })

function machine() {
  const ran: string[] = []
  const run: RunCommand = async (command) => {
    const argv = [...command]
    ran.push(argv.join(' '))
    const answer = { code: 0, stdout: '', stderr: '', pid: 1, timedOut: false, dropped: 0 }
    const operands = argv.slice(argv.indexOf('--') + 1)
    if (argv[1] === 'show')
      return { ...answer, stdout: operands.map((unit) => units[unit] ?? absent(unit)).join('\n\n') }
    if (argv[1] === 'is-enabled')
      return { ...answer, stdout: operands[0] === 'app@.service' ? 'disabled\n' : 'not-found\n' }
    if (argv[1] === 'list-unit-files')
      return { ...answer, stdout: 'nginx.service enabled enabled\nssh.service enabled\n' }
    if (argv[0] === 'journalctl') return { ...answer, stdout: 'nginx: address in use\n' }
    if (argv.includes('start')) return { ...answer, code: 1, stderr: 'Job for the unit failed.\n' }
    if (argv[1] === 'status') return { ...answer, code: 3, stdout: 'Active: failed (Result: exit-code)\n' }
    return answer
  }
  const opened = systemd.open({ query: run, accounts: new AccountFiles(root), root })
  return { ran, look: opened.look, act: opened.change(run) }
}

describe('looking at units', () => {
  it('asks for many in one process, and not again until something changes', async () => {
    const { ran, look, act } = machine()
    const states = await look.states(['nginx', 'sshd', 'app@1', 'masked.service', 'nosuch', 'bad/name'])
    expect(ran).toHaveLength(1)
    expect(states.get('nginx')).toEqual({
      exists: true,
      running: true,
      active: 'active',
      enabled: true,
      enablement: 'enabled',
      masked: false,
    })
    expect(states.get('sshd')).toMatchObject({ exists: true, running: true })
    expect(states.get('app@1')).toMatchObject({ exists: true, running: false, active: 'failed' })
    expect(states.get('masked.service')).toMatchObject({
      exists: true,
      running: false,
      enabled: false,
      masked: true,
    })
    expect(states.get('nosuch')).toMatchObject({ exists: false, running: false })
    expect(states.get('bad/name')).toMatchObject({ exists: false })
    expect(await look.needsReload('nginx')).toBe(true)
    expect(ran).toHaveLength(1)
    await act.restart('nginx')
    await look.states(['nginx'])
    expect(ran.filter((line) => line.includes(' show '))).toHaveLength(2)
  })

  it('knows a template as something that can be enabled but not run', async () => {
    const states = await machine().look.states(['app@', 'other@'])
    expect(states.get('app@')).toMatchObject({ exists: true, running: false, enablement: 'disabled' })
    expect(states.get('other@')).toMatchObject({ exists: false })
  })

  it('lists services', async () => {
    expect(await machine().look.list()).toEqual(['nginx', 'ssh'])
  })

  it('says clearly that systemd does not run', async () => {
    const opened = systemd.open({
      query: async () => Promise.reject(new Error('not asked')),
      accounts: new AccountFiles(root),
      root: '/no/such',
    })
    await expect(opened.look.states(['nginx'])).rejects.toMatchObject({ code: 'service-manager-absent' })
  })
})

describe('changing units', () => {
  it('brings the status and the log with a failed start', async () => {
    const failure = machine().act.start('nginx')
    await expect(failure).rejects.toMatchObject({ code: 'service-failed' })
    await expect(failure).rejects.toThrow(/Job for the unit failed[\s\S]*Active: failed[\s\S]*address in use/)
  })

  it('says that a unit does not exist, and which does', async () => {
    const failure = machine().act.start('ngnix')
    await expect(failure).rejects.toMatchObject({ code: 'service-unknown', hint: 'Did you mean "nginx"?' })
    await expect(machine().act.start('--now')).rejects.toMatchObject({ code: 'service-unknown' })
  })
})

describe('words of systemd', () => {
  it('names units', () => {
    expect(unitOf('nginx')).toBe('nginx.service')
    expect(unitOf('backup.timer')).toBe('backup.timer')
    expect(unitOf('app@x.y')).toBe('app@x.y.service')
    expect(unitOf('a b')).toBeUndefined()
  })
  it('counts a static unit as not enabled, and a starting one as running', () => {
    expect(
      serviceState({ LoadState: 'loaded', ActiveState: 'activating', UnitFileState: 'static' }),
    ).toMatchObject({ running: true, enabled: false, enablement: 'static' })
  })
})
