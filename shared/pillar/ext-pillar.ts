/** `ext_pillar`: a list of sources, each asked anew for every minion, none of them kept. */
import { nearest } from '../data/nearest.ts'
import { type Dict, isDict, isList, type Value } from '../data/value.ts'
import { isTsaltError, TsaltError } from '../errors/error.ts'
import { type GrainSecretSettings, shownSecrets, untrustedGrains } from './grain-secrets.ts'
import { type PillarMachine, SourceTrouble } from './machine.ts'
import { secretPaths } from './secrets.ts'
import { pillarSources } from './sources/registry.ts'

export interface ExtPillarRequest {
  /** As it stands in the configuration. */
  readonly configured: Value
  /** Names of sources that are passed over. */
  readonly excluded: readonly string[]
  readonly seconds: number
  readonly id: string
  readonly grains: Dict
  readonly machine: PillarMachine | undefined
  readonly grainSecrets: GrainSecretSettings | undefined
  readonly errors: TsaltError[]
  readonly warnings: TsaltError[]
}

/** Of an id that a shell, a path and a URL take as it is. */
const harmlessId = /^[A-Za-z0-9](?:[A-Za-z0-9_-]|\.(?!\.))*$/

/** What the sources gave, in their order; what they did not give is in `errors`. */
export async function askSources(request: ExtPillarRequest): Promise<Dict[]> {
  const { configured, excluded, errors } = request
  if (!isList(configured)) {
    const reason = 'it is not a list'
    errors.push(new TsaltError('pillar-source-invalid', { reason }))
    return []
  }
  const answers: Dict[] = []
  for (const entry of configured) {
    if (!isDict(entry)) {
      const reason = 'an entry is no "NAME: SETTINGS"'
      errors.push(new TsaltError('pillar-source-invalid', { reason }))
      continue
    }
    for (const [name, given] of entry) {
      if (excluded.includes(String(name))) continue
      const answer = await askSource(request, String(name), given)
      if (answer !== undefined) answers.push(answer)
    }
  }
  return answers
}

async function askSource(request: ExtPillarRequest, name: string, given: Value): Promise<Dict | undefined> {
  const { errors, id, grains, machine, seconds } = request
  const source = pillarSources.get(name)
  if (source === undefined) {
    errors.push(unknownSource(name))
    return undefined
  }
  try {
    if (machine === undefined) throw new SourceTrouble('nothing outside of the trees can be asked here')
    if (!harmlessId.test(id)) throw new SourceTrouble(`the id ${JSON.stringify(id)} may not be used in it`)
    const settings = settingsOf(source.settings, given)
    const read = new Set<string>()
    const readGrain = (grain: string): void => void read.add(grain)
    const context = { id, grains, readGrain, machine, seconds, file: `ext_pillar ${name}` }
    const answer = await source.read(settings, context)
    if (answer === null) return undefined
    if (isDict(answer)) return isWithheld(request, name, answer, [...read]) ? undefined : answer
    throw new SourceTrouble(`it gave ${isList(answer) ? 'a list' : 'a single value'}, not a mapping`)
  } catch (error) {
    errors.push(asTrouble(error, name))
    return undefined
  }
}

/** Who chooses the question chooses the answer. */
function isWithheld(
  request: ExtPillarRequest,
  source: string,
  answer: Dict,
  read: readonly string[],
): boolean {
  const { grainSecrets, errors, warnings } = request
  if (grainSecrets === undefined || grainSecrets.mode === 'allow') return false
  const grains = untrustedGrains(read, grainSecrets)
  const secrets = grains.length === 0 ? [] : secretPaths(answer)
  if (secrets.length === 0) return false
  const shown = { source, secrets: shownSecrets(secrets), grains: grains.join(', ') }
  const refused = grainSecrets.mode === 'refuse'
  const list = refused ? errors : warnings
  list.push(new TsaltError('pillar-source-chosen-by-grain', shown))
  return refused
}

function unknownSource(name: string): TsaltError {
  const names = [...pillarSources.keys()]
  const near = nearest(name, names)
  const hint = near === undefined ? `There are: ${names.join(', ')}.` : `Did you mean "${near}"?`
  return new TsaltError('pillar-source-unknown', { source: name }, { hint })
}

/** A mapping by name, a list by position, anything else is the first setting. */
function settingsOf(names: readonly string[], given: Value): ReadonlyMap<string, Value> {
  if (!isDict(given)) {
    const values = isList(given) && !isProgram(names, given) ? given : [given]
    if (values.length > names.length) throw new SourceTrouble(`it takes at most ${names.length} settings`)
    return new Map(values.map((value, index) => [names[index] ?? '', value]))
  }
  const settings = new Map([...given].map(([name, value]) => [String(name), value]))
  for (const name of settings.keys()) {
    if (names.includes(name)) continue
    const near = nearest(name, names)
    throw new SourceTrouble(
      `it has no setting "${name}"${near === undefined ? `, only ${names.join(', ')}` : `; did you mean "${near}"?`}`,
    )
  }
  return settings
}

/** A command as a program with its arguments, for sources that have no other setting. */
const isProgram = (names: readonly string[], given: Value[]): boolean =>
  names.length === 1 && given.length > 1

function asTrouble(error: unknown, source: string): TsaltError {
  if (error instanceof SourceTrouble)
    return new TsaltError('pillar-source-failed', { source, reason: error.message })
  if (!isTsaltError(error)) throw error
  const reason = error.message.replace(/\.$/, '')
  const { place, hint, related } = error
  return new TsaltError('pillar-source-failed', { source, reason }, { place, hint, related, cause: error })
}
