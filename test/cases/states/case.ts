/** One case of a state function: a machine, arguments, and what has to come of it. Read from YAML. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PredictedChange, RelatedState } from '../../../minion/states/contract.ts'
import { type Dict, isDict, type Plain, toPlain, type Value } from '../../../shared/data/value.ts'
import { loadYaml } from '../../../shared/render/yaml.ts'
import type { MachineData } from '../../fake-machine/machine-data.ts'

export interface StateCase {
  /** `file/managed-content: makes a new file` */
  readonly title: string
  readonly module: string
  readonly fun: string
  readonly machine: MachineData
  readonly grains: Dict
  readonly pillar: Dict
  readonly args: Dict
  /** Calls `refresh` instead of `check`, as `watch` does. */
  readonly refresh: boolean
  readonly run: CaseRun
  readonly expect: Expectation
}

export interface CaseRun {
  readonly predicted?: readonly PredictedChange[]
  readonly required?: readonly RelatedState[]
  readonly backupMode?: string
  /** Execution function → what it answers; `{error: text}` is its refusal of arguments. */
  readonly functions?: Readonly<Record<string, Plain>>
  /** The file of static grains. */
  readonly grainsFile?: string
}

export type CaseOutcome = 'in-sync' | 'drift' | 'unknown' | 'failed' | 'refused'

export interface Expectation {
  /** Of the real run; `unknown` is one of the dry run only. */
  readonly outcome: CaseOutcome
  /** Of the dry run where it is another. */
  readonly dry?: CaseOutcome
  readonly changes?: unknown
  /** What the dry run tells, where `predicted` says that an earlier state makes a part of it. */
  readonly told?: unknown
  /** A part of the comment of the real run. */
  readonly comment?: string
  /** A part of the comment of the dry run. */
  readonly would?: string
  /** The change was made but did not work. */
  readonly ok?: false
  /** Code of the error that is thrown while the change is made, or of a refusal. */
  readonly error?: string
  /** Of a refusal: the argument. */
  readonly argument?: string
  /** Of a refusal: a part of the hint. */
  readonly hint?: string
  /** What the machine has to look like afterwards, as far as it is written down. */
  readonly machine?: unknown
  /** Paths and names that must be gone: `files: [/a]`. */
  readonly gone?: Readonly<Record<string, readonly string[]>>
  /** All that was done, in order. */
  readonly actions?: readonly string[]
  /** Command lines that the undo of the job runs, in order. */
  readonly undo?: readonly string[]
}

const folder = import.meta.dirname

export function readCases(): StateCase[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .flatMap(readFile)
}

function readFile(file: string): StateCase[] {
  const data = loadYaml(readFileSync(join(folder, file), 'utf8'), file)
  if (!isDict(data)) throw new Error(`${file} is not a mapping of cases`)
  const [module = '', rest = ''] = file.replace(/\.yaml$/, '').split('/')
  return [...data].map(([title, value]) => {
    if (!isDict(value)) throw new Error(`${file}: ${String(title)} is not a mapping`)
    return readCase(value, module, rest.split('-')[0] ?? '', `${module}/${rest}: ${String(title)}`)
  })
}

function readCase(data: Dict, module: string, fun: string, title: string): StateCase {
  const dict = (key: string): Dict => {
    const value = data.get(key) ?? new Map()
    if (!isDict(value)) throw new Error(`${title}: ${key} is not a mapping`)
    return value
  }
  const known = ['machine', 'grains', 'pillar', 'args', 'refresh', 'run', 'expect']
  for (const key of data.keys())
    if (!known.includes(String(key))) throw new Error(`${title}: unknown key ${String(key)}`)
  return {
    title,
    module,
    fun,
    machine: withModes(toPlain(dict('machine'))) as MachineData,
    grains: dict('grains'),
    pillar: dict('pillar'),
    args: dict('args'),
    refresh: data.get('refresh') === true,
    run: plain(dict('run')) as CaseRun,
    expect: plain(dict('expect')) as Expectation,
  }
}

/** Ordinary objects, which vitest prints and compares without ado. */
const plain = (value: Value): unknown => structuredClone(JSON.parse(JSON.stringify(toPlain(value))))

/** Modes are written in octal. */
export function withModes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withModes)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      key === 'mode' ? Number.parseInt(String(item), 8) : withModes(item),
    ]),
  )
}
