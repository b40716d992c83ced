/** What a rendering read of its variables, so that its result can be kept for everybody with the same answers. */
import type { Dict, Key } from '../data/value.ts'

export class Reads {
  /** Variable → keys that were asked for, present or not; `all`: the whole value. */
  readonly variables = new Map<string, Set<string> | 'all'>()

  private askedMachine = false

  /** It called a function of the machine, drew at random or read the clock: the result is nobody else's, and not the same later. */
  get machine(): boolean {
    return this.askedMachine
  }

  askMachine(): void {
    this.askedMachine = true
  }

  /** @param key as the template names it */
  key(variable: string, key: string): void {
    const known = this.variables.get(variable)
    if (known === 'all') return
    if (known === undefined) this.variables.set(variable, new Set([key]))
    else known.add(key)
  }

  whole(variable: string): void {
    this.variables.set(variable, 'all')
  }
}

/** Variables whose keys are recorded one by one; of the others the whole value counts as read. */
export const recordedByKey: ReadonlySet<string> = new Set(['grains', 'pillar', 'opts'])

/** What a template's name for a key means: the key itself, or the integer that the text stands for. */
export function findKey(dict: Dict, name: string): Key | undefined {
  if (dict.has(name)) return name
  if (!/^-?\d{1,15}$/.test(name)) return undefined
  return dict.has(Number(name)) ? Number(name) : undefined
}
