/** Beacon `ps`: whether processes run, by their names. */
import { readdirSync, readFileSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import type { Value } from '../../../shared/data/value.ts'
import type { BeaconKind, Sight } from '../contract.ts'

/** The kernel keeps so many characters of a name. */
const keptName = 15
/** Processes that are read in one go; others have their turn between. */
const inOneGo = 200

/** @param root `/proc`, but in tests */
export async function processNames(root: string): Promise<Set<string>> {
  const names = new Set<string>()
  const pids = readdirSync(root).filter((name) => /^\d+$/.test(name))
  for (const [index, pid] of pids.entries()) {
    if (index % inOneGo === inOneGo - 1) await setImmediate()
    const name = nameOf(`${root}/${pid}`)
    if (name !== undefined) names.add(name)
  }
  return names
}

function nameOf(folder: string): string | undefined {
  try {
    const kept = readFileSync(`${folder}/comm`, 'utf8').trimEnd()
    if (kept.length < keptName) return kept
    // The rest of a longer one is in the command line, where the program did not change it.
    const first = readFileSync(`${folder}/cmdline`, 'utf8').split('\0')[0] ?? ''
    const base = first.slice(first.lastIndexOf('/') + 1)
    return base.startsWith(kept) ? base : kept
  } catch {
    // It ended in the meantime.
    return undefined
  }
}

const sights: Readonly<Record<string, (isThere: boolean) => Value | undefined>> = {
  running: (isThere) => (isThere ? 'Running' : undefined),
  stopped: (isThere) => (isThere ? undefined : 'Stopped'),
}

export const ps: BeaconKind = {
  summary: 'Processes that run, or do not.',
  interval: 5,
  read(fields) {
    fields.only(['processes'])
    const processes = fields.inner('processes')
    if (processes.names().length === 0)
      throw fields.mistake('"processes" is missing', undefined, 'As in: processes: {nginx: stopped}')
    const wanted = processes.names().map((name) => {
      const state = processes.text(name) ?? ''
      const sightOf = Object.hasOwn(sights, state) ? sights[state] : undefined
      if (!sightOf) throw processes.mistake(`"${name}" has to be running or stopped`, name)
      return { name, sightOf }
    })
    return () => ({
      async look() {
        const names = await processNames('/proc')
        return wanted.flatMap(({ name, sightOf }): Sight[] => {
          const seen = sightOf(names.has(name))
          return seen === undefined ? [] : [{ data: new Map([[name, seen]]) }]
        })
      },
    })
  },
}
