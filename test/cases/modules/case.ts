/** One call of an execution function: a machine, arguments, and what has to come of it. Read from YAML. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Dict, isDict, isList, toPlain, type Value } from '../../../shared/data/value.ts'
import { loadYaml } from '../../../shared/render/yaml.ts'
import type { MachineData } from '../../fake-machine/machine-data.ts'
import { withModes } from '../states/case.ts'

export interface CallCase {
  /** `file/handling: copies a file` */
  readonly title: string
  /** `file.copy` */
  readonly fun: string
  readonly args: readonly Value[]
  readonly keywords: Dict
  readonly machine: MachineData
  readonly config: Dict
  readonly pillar: Dict
  readonly grains: Dict
  readonly expect: CallExpectation
}

export interface CallExpectation {
  readonly ret?: unknown
  /** Of a text: a part of it. */
  readonly contains?: string
  readonly code?: number
  /** Code of the error. */
  readonly error?: string
  /** What the machine has to look like afterwards, as far as it is written down. */
  readonly machine?: unknown
  readonly gone?: readonly string[]
  readonly actions?: readonly string[]
  /** Why an undo cannot take it back. */
  readonly lost?: string
}

const folder = import.meta.dirname
const known = ['call', 'keywords', 'machine', 'config', 'pillar', 'grains', 'expect']

export function readCalls(): CallCase[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .flatMap((file) => {
      const data = loadYaml(readFileSync(join(folder, file), 'utf8'), file)
      if (!isDict(data)) throw new Error(`${file} is not a mapping of cases`)
      return [...data].map(([title, value]) => readCall(value, `${file.replace(/\.yaml$/, '')}: ${String(title)}`))
    })
}

function readCall(data: Value, title: string): CallCase {
  if (!isDict(data)) throw new Error(`${title}: not a mapping`)
  for (const key of data.keys()) if (!known.includes(String(key))) throw new Error(`${title}: unknown key ${key}`)
  const dict = (key: string): Dict => {
    const value = data.get(key) ?? new Map()
    if (!isDict(value)) throw new Error(`${title}: ${key} is not a mapping`)
    return value
  }
  const call = data.get('call')
  const [fun, ...args] = isList(call) ? call : [call ?? null]
  return {
    title,
    fun: String(fun),
    args,
    keywords: dict('keywords'),
    machine: withModes(toPlain(dict('machine'))) as MachineData,
    config: dict('config'),
    pillar: dict('pillar'),
    grains: dict('grains'),
    expect: structuredClone(JSON.parse(JSON.stringify(toPlain(dict('expect'))))) as CallExpectation,
  }
}
