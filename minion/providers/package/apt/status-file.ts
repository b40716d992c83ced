/** dpkg's own database of what is installed, read without a process: /var/lib/dpkg/status. */
import * as fs from 'node:fs'
import { TsaltError } from '../../../../shared/errors/error.ts'
import type { InstalledPackage } from '../../../system/reader.ts'

export interface DpkgDatabase {
  /** By name; one of a foreign architecture by `name:architecture`. */
  readonly installed: ReadonlyMap<string, InstalledPackage>
  readonly configurationLeft: ReadonlySet<string>
  /** Virtual name → names of installed packages that provide it, in the order of the file. */
  readonly provided: ReadonlyMap<string, readonly string[]>
  /** Unpacked, half-installed, half-configured: what an interrupted operation left. */
  readonly unfinished: ReadonlySet<string>
}

interface Paragraph {
  readonly name: string
  readonly want: string
  readonly status: string
  readonly version: string
  readonly architecture: string
  readonly provides: string
}

const working = new Set(['installed', 'triggers-awaited', 'triggers-pending'])

export class DpkgStatusFile {
  readonly #directory: string
  #stamp: string | undefined
  #database: DpkgDatabase | undefined

  constructor(root: string) {
    this.#directory = `${root}/var/lib/dpkg`
  }

  get path(): string {
    return `${this.#directory}/status`
  }

  /** Read again when the file changed. @throws TsaltError `package-database-unreadable` */
  read(): DpkgDatabase {
    try {
      const journal = this.#updates()
      const stat = fs.statSync(this.path, { bigint: true })
      const stamp = [stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs, ...journal].join(' ')
      if (this.#database === undefined || stamp !== this.#stamp) {
        // What is asked for is ASCII, and a text of one byte a letter is searched in half the time.
        const texts = [this.path, ...journal].map((path) => fs.readFileSync(path, 'latin1'))
        this.#database = parseDpkgStatus(texts)
        this.#stamp = stamp
      }
      return this.#database
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw new TsaltError('package-database-unreadable', { path: this.path, reason }, { cause: error })
    }
  }

  /** What dpkg wrote beside the status file and has not merged yet: there while it runs, and after it was killed. */
  #updates(): string[] {
    const directory = `${this.#directory}/updates`
    if (!fs.existsSync(directory)) return []
    return fs
      .readdirSync(directory)
      .filter((name) => /^\d+$/.test(name))
      .sort()
      .map((name) => `${directory}/${name}`)
  }
}

/** Later texts replace paragraphs of earlier ones. */
export function parseDpkgStatus(texts: readonly string[]): DpkgDatabase {
  const paragraphs = new Map<string, Paragraph>()
  for (const text of texts) {
    for (let start = 0; start < text.length; ) {
      const blank = text.indexOf('\n\n', start)
      const end = blank < 0 ? text.length : blank
      const paragraph = parseParagraph(text, start, end)
      if (paragraph) paragraphs.set(`${paragraph.name}:${paragraph.architecture}`, paragraph)
      start = end + 2
    }
  }
  return databaseOf([...paragraphs.values()])
}

function parseParagraph(text: string, start: number, end: number): Paragraph | undefined {
  // The newline before makes the first field look like the others.
  const body = `\n${text.slice(start, end)}\n`
  const name = field(body, 'Package')
  if (name === '') return undefined
  const [want = '', , status = ''] = field(body, 'Status').split(' ')
  return {
    name,
    want,
    status,
    version: field(body, 'Version'),
    architecture: field(body, 'Architecture'),
    provides: field(body, 'Provides'),
  }
}

function field(body: string, name: string): string {
  const at = body.indexOf(`\n${name}: `)
  if (at < 0) return ''
  const from = at + name.length + 3
  return body.slice(from, body.indexOf('\n', from)).trim()
}

function databaseOf(paragraphs: readonly Paragraph[]): DpkgDatabase {
  const installed = new Map<string, InstalledPackage>()
  const configurationLeft = new Set<string>()
  const unfinished = new Set<string>()
  const provided = new Map<string, string[]>()
  const native = nativeArchitecture(paragraphs)
  for (const paragraph of paragraphs) {
    const { name, architecture, version, want, status } = paragraph
    const key = architecture === native || architecture === 'all' ? name : `${name}:${architecture}`
    if (status === 'config-files') configurationLeft.add(key)
    else if (working.has(status)) {
      installed.set(key, { name, version, architecture, held: want === 'hold' })
      for (const virtual of providedNames(paragraph.provides)) {
        provided.set(virtual, [...(provided.get(virtual) ?? []), name])
      }
    } else if (status !== 'not-installed') unfinished.add(key)
  }
  return { installed, configurationLeft, provided, unfinished }
}

/** dpkg itself is always of the native architecture. */
function nativeArchitecture(paragraphs: readonly Paragraph[]): string {
  const dpkg = paragraphs.find(({ name }) => name === 'dpkg')
  return (
    dpkg?.architecture ?? paragraphs.find(({ architecture }) => architecture !== 'all')?.architecture ?? ''
  )
}

/** `mail-transport-agent, awk (= 1.3)` */
function providedNames(list: string): string[] {
  if (list === '') return []
  return list.split(',').map((item) => item.trim().split(/[\s(:]/, 1)[0] ?? '')
}
