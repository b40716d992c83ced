/** What http_yaml and http_json share: the answer of a server. */
import { type Dict, isDict, isList, traverse, type Value } from '../../data/value.ts'
import { SourceTrouble } from '../machine.ts'
import { flagSetting, type PillarSource, pillarSource, textSetting } from './contract.ts'

/** @param load of the answer, with a name for its places */
export function httpSource(
  format: string,
  load: (text: string, file: string) => Value | Promise<Value>,
): PillarSource {
  return pillarSource({
    summary: `The answer of a server, as ${format}; "%s" stands for the minion's id, "<name>" for a grain where with_grains is set.`,
    settings: ['url', 'with_grains', 'headers', 'username', 'password', 'ca_bundle'],
    async read(settings, { id, grains, readGrain, machine, seconds, file }) {
      const written = textSetting(settings, 'url').replaceAll('%s', encodeURIComponent(id))
      const url = flagSetting(settings, 'with_grains') ? withGrains(written, grains, readGrain) : written
      const caBundle = settings.has('ca_bundle') ? textSetting(settings, 'ca_bundle') : undefined
      return load(await machine.get(url, { seconds, caBundle, headers: headersOf(settings) }), file)
    },
  })
}

/** Characters that end a line or a text where nobody expects it. */
const breaking = /[\p{Cc}\u2028\u2029]/u
const climbing = new Set(['.', '..'])

/** A grain is what the minion says of itself: one step of a path, or a part of one, and nothing else. */
function withGrains(url: string, grains: Dict, readGrain: (name: string) => void): string {
  return url.replace(/<([^<>]+)>/g, (_, name: string) => {
    readGrain(name.split(':')[0] ?? name)
    const value = traverse(grains, name)
    if (value === undefined) throw new SourceTrouble(`the minion has no grain "${name}"`)
    const isOne = !isDict(value) && !isList(value) && value !== null
    const text = isOne ? String(value) : ''
    // Servers decode "%2F" before they look where a path leads.
    const climbs = text.split(/[/\\]/).some((step) => climbing.has(step))
    if (text === '' || climbs || breaking.test(text) || text.length > 256)
      throw new SourceTrouble(`the grain "${name}" of the minion is nothing that a URL could hold`)
    return encodeURIComponent(text)
  })
}

function headersOf(settings: ReadonlyMap<string, Value>): Record<string, string> {
  const headers: Record<string, string> = {}
  const given = settings.get('headers') ?? null
  if (given !== null && !isDict(given)) throw new SourceTrouble('"headers" is not a mapping')
  for (const [name, value] of given ?? []) headers[String(name)] = String(value)
  if (!settings.has('username')) return headers
  const account = `${textSetting(settings, 'username')}:${textSetting(settings, 'password')}`
  return { ...headers, authorization: `Basic ${Buffer.from(account).toString('base64')}` }
}
