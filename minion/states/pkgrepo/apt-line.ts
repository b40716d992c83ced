/** One repository of apt: a line of a .list file, or a paragraph of a .sources file (deb822). */
import { linesOf, textOf } from '../text-file.ts'

export interface AptRepository {
  readonly type: 'deb' | 'deb-src'
  readonly uri: string
  /** `bookworm`, or `./` of a flat repository. */
  readonly suite: string
  readonly components: readonly string[]
  /** `arch`, `signed-by`, `trusted`, … */
  readonly options: ReadonlyMap<string, string>
  readonly disabled: boolean
}

/** `deb [arch=amd64 signed-by=/x] https://host/debian bookworm main`; undefined: it is none. */
export function parseLine(line: string): AptRepository | undefined {
  const match =
    /^\s*(#?)\s*(deb|deb-src)\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)((?:\s+[^#\s]+)*)\s*(?:#.*)?$/.exec(line)
  if (!match) return undefined
  const [, off, type, options = '', uri = '', suite = '', rest = ''] = match
  if (!/^(?:[a-z][a-z0-9+.-]*:|\/)/i.test(uri)) return undefined
  const components = rest.trim() === '' ? [] : rest.trim().split(/\s+/)
  if (components.length === 0 && !suite.endsWith('/')) return undefined
  return {
    type: type as AptRepository['type'],
    uri,
    suite,
    components,
    options: readOptions(options),
    disabled: off === '#',
  }
}

function readOptions(text: string): Map<string, string> {
  const options = new Map<string, string>()
  for (const word of text.split(/\s+/).filter((one) => one !== '')) {
    const at = word.indexOf('=')
    options.set(
      (at < 0 ? word : word.slice(0, at)).toLowerCase().replace(/[+-]$/, ''),
      at < 0 ? 'yes' : word.slice(at + 1),
    )
  }
  return options
}

export function writeLine({ type, uri, suite, components, options, disabled }: AptRepository): string {
  const inBrackets = [...options].map(([name, value]) => `${name}=${value}`).join(' ')
  const words = [type, ...(inBrackets === '' ? [] : [`[${inBrackets}]`]), uri, suite, ...components]
  return `${disabled ? '# ' : ''}${words.join(' ')}`
}

const bareUri = (uri: string): string => uri.replace(/\/+$/, '')

/** The same repository, whatever its components and options are. */
export const isSamePlace = (a: AptRepository, b: AptRepository): boolean =>
  a.type === b.type && bareUri(a.uri) === bareUri(b.uri) && a.suite === b.suite

/** Components count as a set; a slash at the end of the address says nothing. */
export function isSame(a: AptRepository, b: AptRepository): boolean {
  const optionsOf = ({ options }: AptRepository): string =>
    [...options]
      .map(([name, value]) => `${name}=${value}`)
      .sort()
      .join(' ')
  return (
    isSamePlace(a, b) &&
    a.disabled === b.disabled &&
    [...a.components].sort().join(' ') === [...b.components].sort().join(' ') &&
    optionsOf(a) === optionsOf(b)
  )
}

/** Puts the repository in the place of the first line that is it, drops further ones, or adds it at the end. */
export function withRepository(text: string, wanted: AptRepository): string {
  const lines = linesOf(text)
  const isIt = (line: string): boolean => {
    const found = parseLine(line)
    return found !== undefined && isSamePlace(found, wanted)
  }
  const at = lines.findIndex(isIt)
  if (at < 0) return textOf([...lines, writeLine(wanted)])
  return textOf(
    lines.flatMap((line, index) => (index === at ? [writeLine(wanted)] : isIt(line) ? [] : [line])),
  )
}

export function withoutRepository(text: string, gone: AptRepository): string {
  const kept = linesOf(text).filter((line) => {
    const found = parseLine(line)
    return found === undefined || !isSamePlace(found, gone)
  })
  return textOf(kept)
}

export function repositoriesIn(text: string): AptRepository[] {
  return linesOf(text).flatMap((line) => parseLine(line) ?? [])
}
