/** `--versions-report`: what is asked for first where something goes wrong. */
import { readFileSync } from 'node:fs'
import { arch, release, type as systemType } from 'node:os'
import { saltVersion, version } from './version.ts'

/** Libraries of Node.js that the programs lean on. */
const libraries = ['v8', 'uv', 'openssl', 'zlib', 'llhttp', 'unicode', 'tz'] as const

/** Several lines, in Salt's form, with their last newline. */
export function versionsReport(): string {
  const versions: Readonly<Record<string, string | undefined>> = process.versions
  const known = libraries.map((name): [string, string] => [name, versions[name] ?? 'unknown'])
  return [
    section('tsalt Version', [
      ['tsalt', version],
      ['language of Salt', saltVersion],
    ]),
    section('Node.js Version', [['Node.js', versions['node'] ?? 'unknown']]),
    section('Library Versions', known),
    section('System Versions', [
      ['dist', distribution('ID', 'VERSION_ID', 'VERSION_CODENAME')],
      ['locale', process.env['LC_ALL'] || process.env['LC_CTYPE'] || process.env['LANG'] || 'C'],
      ['machine', arch()],
      ['release', release()],
      ['system', systemType()],
      ['version', distribution('PRETTY_NAME')],
    ]),
  ].join('\n')
}

const section = (title: string, rows: readonly (readonly [string, string])[]): string =>
  [`${title}:`, ...rows.map(([name, value]) => `${name.padStart(20)}: ${value}`), ''].join('\n')

/** Fields of os-release that are there. */
function distribution(...names: readonly string[]): string {
  let text = ''
  try {
    text = readFileSync('/etc/os-release', 'utf8')
  } catch {
    // A system without the file has no name.
  }
  const fields = names.flatMap(
    (name) => new RegExp(`^${name}=(?:"([^"\\n]*)"|(.*))$`, 'm').exec(text)?.slice(1).find(Boolean) ?? [],
  )
  return fields.join(' ') || 'unknown'
}
