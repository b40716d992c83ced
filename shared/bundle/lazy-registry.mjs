// A registry names every module that it has; in the bundle each of them is loaded when it is first asked for.
import { readFileSync } from 'node:fs'

const importLine = /^import \{ (\w+) \} from '(\.[^']+)'$/
const entryLine = /^ {2}(\w+)(?:: (\w+))?,$/

/**
 * `import { cronTab } from './cron.ts'` and `cron: cronTab,` become a getter that loads the file synchronously.
 * @throws Error where a line of the table is written in another way
 */
export function lazyRegistry(source, file) {
  const files = new Map()
  const kept = []
  let inTable = false
  for (const line of source.split('\n')) {
    const [, imported, from] = importLine.exec(line) ?? []
    if (imported !== undefined) {
      files.set(imported, from)
      continue
    }
    const [, name, given] = (inTable && entryLine.exec(line)) || []
    if (inTable && line !== '}' && name === undefined) throw new Error(`${file}: an entry is "name," or "name: module,", not: ${line}`)
    inTable = line === '}' ? false : inTable || /^export const \w+: .* = \{$/.test(line)
    const from_ = files.get(given ?? name)
    if (name !== undefined && from_ === undefined) throw new Error(`${file}: ${given ?? name} has no import line of its own`)
    kept.push(name === undefined ? line : `  get ${name}() { return __now(import('${from_}')).${given ?? name} },`)
  }
  return `declare function __now(module: unknown): any\n${kept.join('\n')}`
}

export const registriesLazy = {
  name: 'registries-lazy',
  setup(build) {
    build.onLoad({ filter: /\/minion\/(?:states|modules)\/registry\.ts$/ }, ({ path }) => ({
      contents: lazyRegistry(readFileSync(path, 'utf8'), path),
      loader: 'ts',
    }))
  },
}
