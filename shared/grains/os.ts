/** Grains of the distribution: os, os_family, osrelease, oscodename, osfinger, lsb_distrib_*. */
import type { Plain } from '../data/value.ts'
import { assignments, type FactReader, firstLine } from './fact-reader.ts'
import { debianArchitectures, osFamilies, osNames } from './os-names.ts'

/** These have their short name in `osfinger`. */
const fingeredByName: ReadonlySet<string> = new Set(['Debian', 'Raspbian'])
/** These have the whole release in `osfinger`. */
const fingeredByRelease: ReadonlySet<string> = new Set(['Ubuntu', 'Pop'])

/** @param machine `x86_64` @param architecture Node's name, `x64` */
export function osGrains(facts: FactReader, machine: string, architecture: string): Record<string, Plain> {
  const release = osRelease(facts)
  const lsb = lsbGrains(facts, release)
  const fullname = fullName(release, lsb)
  const os = shortName(fullname, release)
  const osrelease = releaseOf(facts, release, lsb)
  const info = releaseInfo(osrelease)
  const family = osFamilies[os] ?? familyLike(release) ?? os
  const base = fingeredByName.has(os) ? os : fullname
  return {
    ...lsb,
    os,
    os_family: family,
    osfullname: fullname,
    oscodename: lsb.lsb_distrib_codename ?? '',
    osrelease,
    osrelease_info: info,
    osmajorrelease: info[0] ?? osrelease,
    osfinger: `${base}-${fingeredByRelease.has(base) ? osrelease : (info[0] ?? osrelease)}`,
    osarch: family === 'Debian' ? (debianArchitectures[architecture] ?? machine) : machine,
  }
}

function osRelease(facts: FactReader): ReadonlyMap<string, string> {
  return assignments(facts.text('/etc/os-release') ?? facts.text('/usr/lib/os-release') ?? '')
}

function lsbGrains(facts: FactReader, release: ReadonlyMap<string, string>): Record<string, string> {
  const lsb = assignments(facts.text('/etc/lsb-release') ?? '')
  const grains: Record<string, string> = {}
  const take = (name: string, value: string | undefined): void => {
    if (value !== undefined && value !== '') grains[name] = value
  }
  take('lsb_distrib_id', release.get('NAME')?.trim() ?? lsb.get('DISTRIB_ID'))
  take('lsb_distrib_release', release.get('VERSION_ID') ?? lsb.get('DISTRIB_RELEASE'))
  take('lsb_distrib_codename', codename(release) ?? lsb.get('DISTRIB_CODENAME'))
  take('lsb_distrib_description', lsb.get('DISTRIB_DESCRIPTION'))
  return grains
}

function codename(release: ReadonlyMap<string, string>): string | undefined {
  const named = release.get('VERSION_CODENAME')
  if (named !== undefined && named !== '') return named
  const pretty = release.get('PRETTY_NAME')
  return release.get('ID') === 'debian' ? (/\((\w+)\)$/.exec(pretty ?? '')?.[1] ?? pretty) : pretty
}

function fullName(release: ReadonlyMap<string, string>, lsb: Readonly<Record<string, string>>): string {
  const name = lsb.lsb_distrib_id ?? release.get('ID') ?? 'Linux'
  // Salt: "openSUSE Leap" is "Leap", SLES goes by its short name.
  if (name.startsWith('openSUSE ')) return name.slice('openSUSE '.length)
  if (/^sle[sd]/.test(release.get('ID') ?? '')) return name
  return name
}

function shortName(fullname: string, release: ReadonlyMap<string, string>): string {
  if (/suse|^sle[sd]/.test(release.get('ID') ?? '')) return 'SUSE'
  const distribution = fullname.replace(/\W(?:gnu\/)?linux$/i, '').trim()
  const short = distribution.replaceAll(' ', '').toLowerCase().slice(0, 10)
  return osNames[short] ?? distribution
}

/** CentOS 7 and 8 name their minor release only in a file of their own. */
function releaseOf(
  facts: FactReader,
  release: ReadonlyMap<string, string>,
  lsb: Readonly<Record<string, string>>,
): string {
  const version = lsb.lsb_distrib_release
  if (release.get('ID') === 'centos' && version !== undefined && /^\d+$/.test(version)) {
    return /release (\d[\d.]*)/.exec(firstLine(facts, '/etc/centos-release') ?? '')?.[1] ?? version
  }
  return version ?? release.get('BUILD_ID') ?? ''
}

function releaseInfo(release: string): (string | number)[] {
  if (release === '') return []
  return release.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part))
}

/** A distribution that is not in the table says itself what it is like. */
function familyLike(release: ReadonlyMap<string, string>): string | undefined {
  for (const like of (release.get('ID_LIKE') ?? '').split(' ')) {
    if (like === 'debian' || like === 'ubuntu') return 'Debian'
    if (like === 'rhel' || like === 'fedora' || like === 'centos') return 'RedHat'
    if (like === 'suse' || like === 'opensuse') return 'Suse'
    if (like === 'arch') return 'Arch'
  }
  return undefined
}
