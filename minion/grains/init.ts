/** Grains `init` and `systemd`. */
import type { Plain } from '../../shared/data/value.ts'
import type { FactReader } from '../../shared/grains/fact-reader.ts'

/** Name of process 1 → Salt's name of the init system. */
const byName: Readonly<Record<string, string>> = {
  systemd: 'systemd',
  upstart: 'upstart',
  runit: 'runit',
  'runit-init': 'runit',
  'openrc-init': 'openrc',
  's6-svscan': 's6',
  supervisord: 'supervisord',
  tini: 'tini',
  'docker-init': 'tini',
  'dumb-init': 'dumb-init',
}

const libraryFolders = [
  '/usr/lib/systemd',
  '/lib/systemd',
  '/usr/lib/x86_64-linux-gnu/systemd',
  '/usr/lib/aarch64-linux-gnu/systemd',
  '/usr/lib64/systemd',
]

export function initGrains(facts: FactReader): Record<string, Plain> {
  const init = initOf(facts)
  if (init !== 'systemd') return { init }
  return { init, systemd: { version: systemdVersion(facts), features: '' } }
}

function initOf(facts: FactReader): string {
  if (facts.exists('/run/systemd/system')) return 'systemd'
  const name = facts.text('/proc/1/comm')?.trim() ?? ''
  if (byName[name] !== undefined) return byName[name]
  if (name !== 'init') return 'unknown'
  if (facts.exists('/run/openrc') || facts.exists('/sbin/openrc')) return 'openrc'
  return facts.exists('/etc/inittab') ? 'sysvinit' : 'unknown'
}

/** From the name of its library: asking systemd itself would cost a process. */
function systemdVersion(facts: FactReader): string {
  for (const folder of libraryFolders)
    for (const name of facts.names(folder)) {
      const version = /^libsystemd-(?:shared|core)-(\d+)/.exec(name)?.[1]
      if (version !== undefined) return version
    }
  return ''
}
