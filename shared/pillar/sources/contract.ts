/** The contract of a source that `ext_pillar` names. */
import type { Dict, Value } from '../../data/value.ts'
import { type PillarMachine, SourceTrouble } from '../machine.ts'

export interface SourceContext {
  /** Checked: it has no character that a shell, a path or a URL would take for its own. */
  readonly id: string
  readonly grains: Dict
  /** To be told of every grain that the question depends on. */
  readonly readGrain: (name: string) => void
  readonly machine: PillarMachine
  /** Longest wait for one answer. */
  readonly seconds: number
  /** For places of its values: the name that errors show. */
  readonly file: string
}

export interface PillarSource {
  /** What it does, one line. */
  readonly summary: string
  /** Names of its settings in the order of a list; the first one alone may be given without its name. */
  readonly settings: readonly string[]
  /** @throws SourceTrouble, or TsaltError of what it read */
  read(settings: ReadonlyMap<string, Value>, context: SourceContext): Promise<Value>
}

export const pillarSource = (source: PillarSource): PillarSource => source

/** @throws SourceTrouble */
export function textSetting(settings: ReadonlyMap<string, Value>, name: string): string {
  const value = settings.get(name)
  if (typeof value === 'string' && value !== '') return value
  throw new SourceTrouble(`"${name}" is ${value === undefined ? 'missing' : 'not a text'}`)
}

/** @throws SourceTrouble */
export function flagSetting(settings: ReadonlyMap<string, Value>, name: string): boolean {
  const value = settings.get(name) ?? false
  if (typeof value === 'boolean') return value
  throw new SourceTrouble(`"${name}" is neither true nor false`)
}
