/** Grains of the minion's own process: user, paths, locale, versions. */
import { createHash } from 'node:crypto'
import type { Plain } from '../../shared/data/value.ts'
import { assignments, type FactReader, firstLine } from '../../shared/grains/fact-reader.ts'
import { saltVersion } from '../../shared/version.ts'

export function processGrains(facts: FactReader, environment: NodeJS.ProcessEnv): Record<string, Plain> {
  const uid = process.getuid?.() ?? 0
  const gid = process.getgid?.() ?? 0
  const path = environment.PATH ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
  return {
    pid: process.pid,
    uid,
    gid,
    username: nameOf(facts, '/etc/passwd', uid),
    groupname: nameOf(facts, '/etc/group', gid),
    cwd: process.cwd(),
    path,
    systempath: path.split(':'),
    shell: environment.SHELL ?? '/bin/sh',
    ps: 'ps -efHww',
    locale_info: localeInfo(facts, environment),
    saltversion: saltVersion,
    saltversioninfo: saltVersion.split('.').map(Number),
  }
}

function nameOf(facts: FactReader, file: string, id: number): string {
  for (const line of (facts.text(file) ?? '').split('\n')) {
    const [name, , number] = line.split(':')
    if (number === String(id) && name !== undefined) return name
  }
  return String(id)
}

function localeInfo(facts: FactReader, environment: NodeJS.ProcessEnv): Plain {
  const configured = assignments(facts.text('/etc/default/locale') ?? facts.text('/etc/locale.conf') ?? '')
  const locale = environment.LC_ALL ?? environment.LANG ?? configured.get('LANG') ?? 'C'
  const [language = 'C', encoding] = locale.split('.')
  return {
    defaultlanguage: language === 'C' || language === 'POSIX' ? null : language,
    defaultencoding: encoding ?? null,
    detectedencoding: 'utf-8',
    timezone: timezone(facts, environment),
  }
}

function timezone(facts: FactReader, environment: NodeJS.ProcessEnv): string {
  const zone = facts.link('/etc/localtime')?.split('/zoneinfo/')[1]
  return environment.TZ ?? zone ?? firstLine(facts, '/etc/timezone') ?? 'UTC'
}

/** A number made of the id, for what needs one (`server-id` of a database): the same on every start. */
export function serverId(id: string): number {
  const hash = createHash('sha256').update(id).digest('hex')
  return Number(BigInt(`0x${hash}`) % 2n ** 31n)
}
