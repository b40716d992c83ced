/** The pillar: compiled afresh for every run, and the one compiled last, which `pillar.get` reads. Only in memory. */
import type { Dict } from '../../shared/data/value.ts'
import { overlay } from '../../shared/pillar/overlay.ts'
import type { MinionServices, PillarAnswer } from '../modules/contract.ts'
import type { FetchedPillar, PillarSource } from './pillar-source.ts'

export interface PillarsParts {
  readonly source: PillarSource
  grains(): Dict
  /** The option `pillarenv`; empty: all. */
  readonly environment: string
  /** Told of every pillar that was compiled, with the paths of its secrets. */
  compiled(pillar: Dict, secrets: readonly string[]): void
}

/** Always the same, so that it can be told whether there is another. */
const none: Dict = new Map()

export class Pillars {
  readonly #parts: PillarsParts
  #held: Dict | undefined
  #loading: Promise<FetchedPillar> | undefined
  /** Of the last compilation, while none is held. */
  #errors: readonly string[] = []

  constructor(parts: PillarsParts) {
    this.#parts = parts
  }

  /** The one compiled last; empty before the first. */
  get held(): Dict {
    return this.#held ?? none
  }

  /** Compiles it where none is held yet. A pillar with errors is not held. */
  async current(): Promise<Dict> {
    if (this.#held) return this.#held
    this.#loading ??= this.#fetch(undefined).finally(() => {
      this.#loading = undefined
    })
    return (await this.#loading).pillar
  }

  async compile({
    override,
    environment,
  }: {
    readonly override?: Dict | undefined
    readonly environment?: string | undefined
  } = {}): Promise<PillarAnswer> {
    const { pillar, errors, groups } = await this.#fetch(environment)
    const answer = { pillar: override ? overlay(pillar, override) : pillar, errors }
    return groups === undefined ? answer : { ...answer, groups }
  }

  get service(): MinionServices['pillar'] {
    return {
      compile: (options) => this.compile(options),
      refresh: () => this.compile(),
      trouble: () => this.#errors,
    }
  }

  async #fetch(environment: string | undefined): Promise<FetchedPillar> {
    const { source, grains, compiled } = this.#parts
    const wanted = environment ?? (this.#parts.environment || undefined)
    const fetched = await source.fetch(wanted, grains())
    compiled(fetched.pillar, fetched.secrets)
    if (fetched.errors.length === 0 && environment === undefined) this.#held = fetched.pillar
    if (environment === undefined) this.#errors = this.#held === undefined ? fetched.errors : []
    return fetched
  }
}
