/** This minion's grains: collected at start and at every refresh; the master is told when they changed. */
import { type Dict, equalValues, type Plain, toValue } from '../../shared/data/value.ts'
import { collectGrains, type GrainSettings } from '../grains/collect.ts'
import { setStaticGrain } from '../grains/static-file.ts'
import type { MinionServices } from '../modules/contract.ts'

export class GrainStore {
  readonly #settings: GrainSettings
  #changed: (grains: Dict) => void = () => {}
  #grains: Dict

  private constructor(settings: GrainSettings, grains: Dict) {
    this.#settings = settings
    this.#grains = grains
  }

  static async open(settings: GrainSettings): Promise<GrainStore> {
    return new GrainStore(settings, await collectGrains(settings))
  }

  /** @param changed called with the grains whenever a refresh brought others */
  watch(changed: (grains: Dict) => void): void {
    this.#changed = changed
  }

  get current(): Dict {
    return this.#grains
  }

  async refresh(): Promise<Dict> {
    const grains = await collectGrains(this.#settings)
    const before = this.#grains
    this.#grains = grains
    if (!equalValues(before, grains)) this.#changed(grains)
    return grains
  }

  get service(): MinionServices['grains'] {
    return {
      file: this.#settings.staticFile,
      refresh: () => this.refresh(),
      set: async (key: string, value: Plain) => {
        setStaticGrain(this.#settings.staticFile, key, toValue(value))
        await this.refresh()
      },
    }
  }
}
