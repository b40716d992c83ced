/** From which addresses accepted minions came last, and how many: a whole site may be behind one address. */
import type { MinionId } from '../../shared/ids.ts'

export class KnownAddresses {
  readonly #addresses = new Map<MinionId, string>()
  readonly #counts = new Map<string, number>()

  /** An accepted minion is, or was last, at this address. */
  note(id: MinionId, address: string): void {
    const before = this.#addresses.get(id)
    if (before === address) return
    if (before !== undefined) this.#count(before, -1)
    this.#addresses.set(id, address)
    this.#count(address, 1)
  }

  /** How many minions came from there last. */
  count(address: string): number {
    return this.#counts.get(address) ?? 0
  }

  #count(address: string, change: number): void {
    const count = this.count(address) + change
    if (count > 0) this.#counts.set(address, count)
    else this.#counts.delete(address)
  }
}
