/** Paragraphs of a .sources file of apt (deb822). */
import { linesOf } from '../text-file.ts'
import { type AptRepository, isSamePlace } from './apt-line.ts'

/** Options of one line by their fields; other options have the name of the field in lower case. */
const fieldOf: Readonly<Record<string, string>> = {
  arch: 'Architectures',
  'signed-by': 'Signed-By',
  trusted: 'Trusted',
  lang: 'Languages',
  target: 'Targets',
  'allow-insecure': 'Allow-Insecure',
  'check-valid-until': 'Check-Valid-Until',
  'by-hash': 'By-Hash',
  pdiffs: 'PDiffs',
}
const listed = new Set(['arch', 'lang', 'target'])

export interface Paragraph {
  /** As written, with the comments above it. */
  readonly text: string
  /** Every combination of type, address and suite; empty for comments. */
  readonly repositories: readonly AptRepository[]
}

export function parseSources(text: string): Paragraph[] {
  const paragraphs: string[][] = [[]]
  for (const line of linesOf(text)) {
    if (line.trim() === '') paragraphs.push([])
    else paragraphs.at(-1)?.push(line)
  }
  return paragraphs
    .filter((lines) => lines.length > 0)
    .map((lines) => ({ text: `${lines.join('\n')}\n`, repositories: repositoriesOf(fields(lines)) }))
}

function fields(lines: readonly string[]): Map<string, string> {
  const found = new Map<string, string>()
  let last = ''
  for (const line of lines) {
    if (line.startsWith('#')) continue
    const match = /^([A-Za-z][A-Za-z0-9-]*):\s*(.*)$/.exec(line)
    if (match) {
      last = (match[1] ?? '').toLowerCase()
      found.set(last, match[2] ?? '')
    } else if (/^\s/.test(line)) found.set(last, `${found.get(last) ?? ''}\n${line.trim()}`.trim())
  }
  return found
}

const words = (text: string | undefined): string[] => (text ?? '').split(/\s+/).filter((word) => word !== '')

function repositoriesOf(all: ReadonlyMap<string, string>): AptRepository[] {
  const options = new Map<string, string>()
  for (const [name, field] of Object.entries(fieldOf)) {
    const value = all.get(field.toLowerCase())
    if (value !== undefined) options.set(name, listed.has(name) ? words(value).join(',') : value)
  }
  const disabled = /^(?:no|false|0|off)$/i.test(all.get('enabled') ?? 'yes')
  const components = words(all.get('components'))
  const found: AptRepository[] = []
  for (const type of words(all.get('types')))
    for (const uri of words(all.get('uris')))
      for (const suite of words(all.get('suites')))
        if (type === 'deb' || type === 'deb-src')
          found.push({ type, uri, suite, components, options, disabled })
  return found
}

export function writeParagraph({ type, uri, suite, components, options, disabled }: AptRepository): string {
  const lines = [`Types: ${type}`, `URIs: ${uri}`, `Suites: ${suite}`]
  if (components.length > 0) lines.push(`Components: ${components.join(' ')}`)
  for (const [name, value] of options) {
    const field = fieldOf[name] ?? name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase())
    lines.push(`${field}: ${listed.has(name) ? value.split(',').join(' ') : value}`)
  }
  if (disabled) lines.push('Enabled: no')
  return `${lines.join('\n')}\n`
}

/** A paragraph that is this repository and no other is replaced; else one is added. */
export function withParagraph(text: string, wanted: AptRepository): string {
  const paragraphs = parseSources(text)
  const at = paragraphs.findIndex(
    ({ repositories }) => repositories.length === 1 && repositories.some((one) => isSamePlace(one, wanted)),
  )
  const texts = paragraphs.map((one) => one.text)
  return (at < 0 ? [...texts, writeParagraph(wanted)] : texts.with(at, writeParagraph(wanted))).join('\n')
}

/** A paragraph that names others beside it is written again for each of them. */
export function withoutParagraph(text: string, gone: AptRepository): string {
  return parseSources(text)
    .flatMap(({ text: written, repositories }) => {
      if (!repositories.some((one) => isSamePlace(one, gone))) return [written]
      return repositories.filter((one) => !isSamePlace(one, gone)).map(writeParagraph)
    })
    .join('\n')
}
