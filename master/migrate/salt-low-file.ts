/** Reads what `state.show_lowstate --out=json` of Salt printed: the chunks of one minion. */
import { readFileSync } from 'node:fs'
import { type Dict, isDict, isList, type Value } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { loadYaml } from '../../shared/render/yaml.ts'

export interface SaltLow {
  /** The minion; undefined where salt-call wrote it (`local`). */
  readonly id: string | undefined
  readonly chunks: readonly Dict[]
}

/**
 * @param wanted id of the minion, where there are several
 * @throws TsaltError `migrate-input-invalid`
 */
export function readSaltLow(file: string, wanted: string | undefined): SaltLow {
  const refuse = (reason: string): TsaltError => new TsaltError('migrate-input-invalid', { file, reason })
  let text: string
  try {
    text = file === '-' ? readFileSync(0, 'utf8') : readFileSync(file, 'utf8')
  } catch (error) {
    throw refuse((error as Error).message)
  }
  const byId = new Map<string, Value>()
  // Without --static, Salt prints one document for each minion.
  for (const document of text.split(/^(?=[{[])/m).filter((part) => part.trim() !== '')) {
    const value = parse(document, refuse)
    if (isList(value)) byId.set('local', value)
    else if (isDict(value)) for (const [id, chunks] of value) byId.set(String(id), chunks)
  }
  const ids = [...byId.keys()]
  const id = wanted !== undefined && byId.has(wanted) ? wanted : ids[0]
  if (id === undefined) throw refuse('there is nothing in it')
  if (ids.length > 1 && wanted === undefined)
    throw refuse(`it has ${ids.length} minions (${ids.slice(0, 5).join(', ')}): choose one with --minion`)
  if (wanted !== undefined && id !== wanted && id !== 'local')
    throw refuse(`"${wanted}" is not in it, but "${id}"`)
  const chunks = byId.get(id)
  if (!isList(chunks) || !chunks.every((one) => isDict(one) && one.has('fun') && one.has('state')))
    throw refuse(`for "${id}" it has no low data, but ${whatItIs(chunks)}`)
  return { id: id === 'local' ? undefined : id, chunks: chunks.filter(isDict) }
}

/** JSON is read by the YAML loader, which tells integers from floats; escapes of pairs are JSON's alone. */
function parse(text: string, refuse: (reason: string) => TsaltError): Value {
  let normal: string
  try {
    JSON.parse(text)
    normal = text.replace(/(?:\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})/g, (pair) =>
      JSON.stringify(JSON.parse(`"${pair}"`)).slice(1, -1),
    )
  } catch (error) {
    throw refuse(`it is not JSON (${(error as Error).message})`)
  }
  return loadYaml(normal, 'LOW.json')
}

function whatItIs(value: Value | undefined): string {
  if (isList(value) && value.every((one) => typeof one === 'string'))
    return `errors of Salt: ${value.map(String).join(' ').slice(0, 300)}`
  return 'something else; it is made by: salt-call state.show_lowstate --out=json'
}
