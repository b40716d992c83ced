/**
 * The options of a running master. Everybody is given one object that reads as the options are now; who keeps something
 * made of them follows. New ones are checked by all who follow before anybody takes anything.
 */
import { isDeepStrictEqual } from 'node:util'
import { type MasterOptions, masterOptions } from '../../shared/config/master-options.ts'
import type { Option } from '../../shared/config/option.ts'

export type OptionName = keyof MasterOptions

/** Takes over what was checked. Fails only where the machine does: a full disk. */
export type Take = () => void | Promise<void>

/**
 * Checks new options, and makes of them what is kept; nothing changes yet.
 * @throws TsaltError of the option that is wrong, with its place
 */
export type Prepare = (next: MasterOptions) => Take

export interface Change {
  /** Options that become others. */
  readonly taken: readonly OptionName[]
  /** Options that differ in the files and hold at the next start only. */
  readonly atRestart: readonly OptionName[]
  /** From then on it holds, for everybody. */
  take(): Promise<void>
}

const table: Readonly<Record<string, Option>> = masterOptions
const names = Object.keys(masterOptions) as OptionName[]

export class Settings {
  /** Each option as it is now. Who takes it apart at its start keeps what was then. */
  readonly options: MasterOptions
  #now: MasterOptions
  readonly #followers: Prepare[] = []

  constructor(first: MasterOptions) {
    this.#now = first
    this.options = Object.defineProperties(
      {},
      Object.fromEntries(names.map((name) => [name, { enumerable: true, get: () => this.#now[name] }])),
    ) as MasterOptions
  }

  /** Asked at every change, before it holds, in the order in which they came. */
  follow(prepare: Prepare): void {
    this.#followers.push(prepare)
  }

  /**
   * What may change while the master runs, checked as a whole; the rest waits for the next start.
   * @throws TsaltError of what is wrong: everything is as before then
   */
  prepare(wanted: MasterOptions): Change {
    const differing = names.filter((name) => !isSame(wanted[name], this.#now[name]))
    const taken = differing.filter(mayChange)
    // Also where they are equal: rules that stand in other lines now are told by these.
    const next = {
      ...this.#now,
      ...Object.fromEntries(names.filter(mayChange).map((name) => [name, wanted[name]])),
    }
    const takes = this.#followers.map((prepare) => prepare(next))
    return {
      taken,
      atRestart: differing.filter((name) => !mayChange(name)),
      take: () => {
        this.#now = next
        return takeAll(takes)
      },
    }
  }
}

const mayChange = (name: OptionName): boolean => table[name]?.reload === true

/** Also in the order of names: environments count in the order in which their folders are written. */
const isSame = (one: unknown, other: unknown): boolean =>
  isDeepStrictEqual(one, other) && inOrder(one) === inOrder(other)

const inOrder = (value: unknown): string | undefined =>
  JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? `${item}n` : item))

/** What one of them cannot do keeps none of the others: they must not go by different options. */
async function takeAll(takes: readonly Take[]): Promise<void> {
  const failures: unknown[] = []
  for (const take of takes) {
    try {
      await take()
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw failures[0]
}
