/** What apt-get would do, from the lines of `apt-get -s`. */
import type { PackageStep } from '../../../system/reader.ts'

/** `Inst libc6 [2.36-9] (2.36-9+deb12u4 Debian:12 [amd64])`, `Inst new (1.0 …)`, `Remv old [1.0]`; sorted by name. */
export function parseSimulation(text: string): PackageStep[] {
  const steps = new Map<string, PackageStep>()
  for (const line of text.split('\n')) {
    const match = /^(Inst|Remv|Purg) (\S+)(?: \[([^\]]+)\])?(?: \((\S+))?/.exec(line)
    if (!match) continue
    const [, verb, name = '', from = '', to = ''] = match
    steps.set(name, { name, from, to: verb === 'Inst' ? to : '' })
  }
  return [...steps.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}
