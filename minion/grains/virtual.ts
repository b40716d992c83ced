/** Grain `virtual`: physical, the kind of virtual machine, or container with its kind in `virtual_subtype`. */
import type { Plain } from '../../shared/data/value.ts'
import { type FactReader, firstLine } from '../../shared/grains/fact-reader.ts'

/** What systemd and container engines call themselves → Salt's name. */
const containers: Readonly<Record<string, string>> = {
  docker: 'Docker',
  podman: 'Podman',
  lxc: 'LXC',
  'lxc-libvirt': 'LXC',
  'systemd-nspawn': 'systemd-nspawn',
  openvz: 'OpenVZ',
  wsl: 'WSL',
  proot: 'PRoot',
}

/** First match of the vendor and product in DMI wins. */
const machines: readonly (readonly [RegExp, string, string?])[] = [
  [/Amazon EC2/i, 'Nitro', 'Amazon EC2'],
  [/VMware/i, 'VMware'],
  [/VirtualBox|innotek/i, 'VirtualBox'],
  [/Microsoft Corporation.*Virtual Machine/i, 'HyperV'],
  [/Parallels/i, 'Parallels'],
  [/Google Compute Engine|Google/i, 'gce'],
  [/OpenStack/i, 'kvm'],
  [/Xen/i, 'xen'],
  [/BHYVE/i, 'bhyve'],
  [/QEMU|KVM|RHEV|oVirt|Hetzner|DigitalOcean|Scaleway|UpCloud|Linode|Vultr/i, 'kvm'],
]

export function virtualGrains(facts: FactReader): Record<string, Plain> {
  const container = containerKind(facts)
  if (container !== undefined)
    return { virtual: 'container', virtual_subtype: containers[container] ?? container }
  const dmi = ['sys_vendor', 'product_name', 'bios_vendor']
    .map((name) => firstLine(facts, `/sys/class/dmi/id/${name}`) ?? '')
    .join(' ')
  for (const [pattern, virtual, subtype] of machines)
    if (pattern.test(dmi)) return subtype === undefined ? { virtual } : { virtual, virtual_subtype: subtype }
  return { virtual: hypervisor(facts) }
}

function containerKind(facts: FactReader): string | undefined {
  const said = firstLine(facts, '/run/systemd/container')
  if (said !== undefined) return said
  if (facts.exists('/.dockerenv')) return 'docker'
  if (facts.exists('/run/.containerenv')) return 'podman'
  if (facts.exists('/proc/vz') && !facts.exists('/proc/bc')) return 'openvz'
  const environment = /(?:^|\0)container=([\w-]+)/.exec(facts.text('/proc/1/environ') ?? '')?.[1]
  if (environment !== undefined) return environment
  const groups = facts.text('/proc/1/cgroup') ?? ''
  if (/\/docker[/-]|\/kubepods|\/containerd\//.test(groups)) return 'docker'
  return /\/lxc(?:\.payload)?[/.]/.test(groups) ? 'lxc' : undefined
}

function hypervisor(facts: FactReader): string {
  const type = firstLine(facts, '/sys/hypervisor/type')
  if (type !== undefined) return type
  const cpuinfo = facts.text('/proc/cpuinfo') ?? ''
  if (/QEMU Virtual CPU/.test(cpuinfo)) return 'kvm'
  if (!/^flags\s*:.*\bhypervisor\b/m.test(cpuinfo)) return 'physical'
  const clocks = facts.text('/sys/devices/system/clocksource/clocksource0/available_clocksource') ?? ''
  if (clocks.includes('kvm')) return 'kvm'
  if (clocks.includes('hyperv')) return 'HyperV'
  if (clocks.includes('xen')) return 'xen'
  return 'VM'
}
