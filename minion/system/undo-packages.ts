/**
 * Puts packages back: what a job installed goes unless something that is no work of the job needs it, what it removed,
 * upgraded or downgraded comes again in the version that it had, as far as the sources still have that.
 */
import type { Changer, PackageRequest } from './changer.ts'
import type { Reader } from './reader.ts'
import type { UndoDecision, Undoing } from './undo-decision.ts'
import type { PackagesItem } from './undo-items.ts'

export interface PackageUndo {
  /** Configuration and data of what the job installed go too. */
  readonly purge: boolean
  /** All packages that the job installed: they may go together. */
  readonly installed: ReadonlySet<string>
}

export async function undoingPackages(
  item: PackagesItem,
  look: Reader,
  { purge, installed }: PackageUndo,
): Promise<Undoing> {
  const now = await look.packages.installed()
  const configurationLeft = await look.packages.configurationLeft()
  const decisions: UndoDecision[] = []
  const decide = (name: string, kind: UndoDecision['kind'], text: string) =>
    decisions.push({ what: `package ${name}`, kind, text })
  const going: string[] = []
  const requests: PackageRequest[] = []
  for (const [name, version] of item.before) {
    const current = now.get(name)?.version
    if (version === null && current !== undefined) going.push(name)
    else if (version === null) {
      const lost = item.left.has(name) && !configurationLeft.has(name)
      decide(name, lost ? 'left' : 'same', lost ? 'its configuration was removed' : 'it is gone already')
    } else if (version === current) decide(name, 'same', 'it is as it was')
    else {
      const { versions } = await look.packages.available(name)
      if (versions.includes(version)) {
        requests.push({ name, version })
        decide(
          name,
          'restored',
          current === undefined ? `installed again: ${version}` : `${version} again, instead of ${current}`,
        )
      } else decide(name, 'left', unavailable(version, versions))
    }
  }
  const needed = await neededBy(going, installed, look)
  const free = going.filter((name) => !needed.has(name))
  const purged = free.filter((name) => purge && !item.left.has(name))
  for (const name of going) {
    const why = needed.get(name)
    if (why !== undefined) decide(name, 'left', why)
    else if (purged.includes(name))
      decide(name, 'restored', 'removed with its configuration: it was not there before')
    else
      decide(
        name,
        'restored',
        purge
          ? 'removed; its configuration was there before'
          : 'removed; purge=True takes its configuration too',
      )
  }
  const removed = free.filter((name) => !purged.includes(name))
  return {
    decisions,
    apply: async (act: Changer) => {
      if (purged.length > 0) await act.packages.purge(purged)
      if (removed.length > 0) await act.packages.remove(removed)
      if (requests.length > 0) await act.packages.install(requests, { downgrade: true, recommends: false })
    },
  }
}

function unavailable(version: string, offered: readonly string[]): string {
  const instead = offered.length === 0 ? 'nothing' : offered.slice(0, 3).join(', ')
  return `its version was ${version}, which the sources do not offer any more (they offer ${instead})`
}

/** Name → why it has to stay. */
async function neededBy(
  names: readonly string[],
  installed: ReadonlySet<string>,
  look: Reader,
): Promise<Map<string, string>> {
  const needed = new Map<string, string>()
  if (names.length === 0) return needed
  const others = async (some: readonly string[]) =>
    (await look.packages.removedWith?.(some))?.filter((name) => !installed.has(name) && !some.includes(name))
  const all = await others(names)
  if (all?.length === 0) return needed
  for (const name of names) {
    const found = all === undefined ? undefined : await others([name])
    if (found === undefined) needed.set(name, 'it cannot be told here what needs it: remove it by hand')
    else if (found.length > 0) needed.set(name, `${found.slice(0, 3).join(', ')} needs it`)
  }
  // Each alone is free to go and all together are not: alternatives of each other, one of which has to stay.
  const free = names.filter((name) => !needed.has(name))
  if (free.length > 0 && ((await others(free))?.length ?? 0) > 0)
    for (const name of free)
      needed.set(name, `${(all ?? []).slice(0, 3).join(', ')} needs it or another of the job`)
  return needed
}
