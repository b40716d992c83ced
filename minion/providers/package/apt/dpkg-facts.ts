/** What dpkg-query tells of installed packages: their files, whose a file is, their fields. */
import type { RunCommand } from '../../../system/command.ts'
import { isPackageName } from './names.ts'

/** Salt's words for dpkg's fields. */
const fields: Readonly<Record<string, string>> = {
  version: 'Version',
  arch: 'Architecture',
  architecture: 'Architecture',
  source: 'Source',
  section: 'Section',
  priority: 'Priority',
  maintainer: 'Maintainer',
  homepage: 'Homepage',
  install_size: 'Installed-Size',
  summary: 'binary:Summary',
  status: 'db:Status-Status',
}
const separator = '\u0001'

export class DpkgFacts {
  readonly #query: RunCommand

  constructor(query: RunCommand) {
    this.#query = query
  }

  async filesOf(name: string): Promise<string[] | undefined> {
    if (!isPackageName(name)) return undefined
    const { code, stdout } = await this.#query(['dpkg-query', '-L', '--', name], {
      maxOutput: 16 * 1_048_576,
    })
    // "diverted by …" and "package diverts others to …" are notes about the path above them.
    return code === 0 ? stdout.split('\n').filter((line) => line.startsWith('/') && line !== '/.') : undefined
  }

  async ownerOf(path: string): Promise<string | undefined> {
    const escaped = path.replace(/[*?[\]\\]/g, '\\$&')
    const { code, stdout } = await this.#query(['dpkg-query', '-S', '--', escaped])
    if (code !== 0) return undefined
    const line = stdout.split('\n').find((one) => one.endsWith(`: ${path}`) && !one.startsWith('diversion'))
    return line?.slice(0, -path.length - 2).split(', ')[0]
  }

  async describe(names: readonly string[]): Promise<Map<string, Readonly<Record<string, string>>>> {
    const format = `\${Package}${Object.values(fields)
      .map((field) => `${separator}\${${field}}`)
      .join('')}\n`
    const known = names.filter(isPackageName)
    const operands = known.length === names.length ? known : [...known, 'no-such-package']
    const { stdout } = await this.#query(['dpkg-query', '-W', '-f', format, '--', ...operands], {
      maxOutput: 64 * 1_048_576,
    })
    const found = new Map<string, Readonly<Record<string, string>>>()
    for (const line of stdout.split('\n')) {
      const [name = '', ...values] = line.split(separator)
      const entries = Object.keys(fields).map((key, index) => [key, values[index] ?? ''] as const)
      if (name !== '' && values.length > 0)
        found.set(name, Object.fromEntries(entries.filter(([, value]) => value !== '')))
    }
    return found
  }
}
