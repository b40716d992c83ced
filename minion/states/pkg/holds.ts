/** Holds: packages that keep their version at upgrades. */
import type { Changer } from '../../system/changer.ts'
import type { Reader } from '../../system/reader.ts'

export interface HoldWish {
  readonly hold: boolean | undefined
  readonly updateHolds: boolean
}

/** In the words of dpkg's selections, as Salt shows it. */
export interface HoldChange {
  readonly name: string
  readonly from: 'hold' | 'install'
  readonly to: 'hold' | 'install'
}

/** A package that is not installed yet counts as not held. */
export async function holdChanges(
  names: readonly string[],
  hold: boolean | undefined,
  look: Reader,
): Promise<HoldChange[]> {
  if (hold === undefined) return []
  const installed = await look.packages.installed()
  const to = hold ? 'hold' : 'install'
  return names.flatMap((name) => {
    const from = installed.get(name)?.held ? 'hold' : 'install'
    return from === to ? [] : [{ name, from, to } as const]
  })
}

export async function applyHolds(changes: readonly HoldChange[], act: Changer): Promise<void> {
  const hold = changes.filter(({ to }) => to === 'hold').map(({ name }) => name)
  const unhold = changes.filter(({ to }) => to === 'install').map(({ name }) => name)
  if (hold.length > 0) await act.packages.hold(hold)
  if (unhold.length > 0) await act.packages.unhold(unhold)
}
