/** Keeps the programs of the tree up to date, and says once which of its files do nothing here. */
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { TreeFiles } from '../files/tree-files.ts'
import type { SyncAnswer } from '../modules/contract.ts'
import { execModules } from '../modules/registry.ts'
import { ProgramCatalog } from '../programs/catalog.ts'
import { pythonRefusal, syncPrograms } from '../programs/synced.ts'

export class TreePrograms {
  readonly catalog: ProgramCatalog
  readonly #folder: string
  readonly #log: Logger
  readonly #beaconsChanged: () => void

  /** @param beaconsChanged called when other programs of beacons are there than before */
  constructor(folder: string, log: Logger, beaconsChanged: () => void) {
    this.catalog = new ProgramCatalog(folder)
    this.#folder = folder
    this.#log = log
    this.#beaconsChanged = beaconsChanged
  }

  /** A function of the tree is what it was when the job was given. undefined: none of it is called. */
  prepare(functions: readonly string[], open: () => Promise<TreeFiles>): Promise<void> | undefined {
    if (functions.every((fun) => Object.hasOwn(execModules, fun.slice(0, fun.indexOf('.'))))) return undefined
    return open()
      .then((files) => this.sync(files))
      .then(() => undefined)
  }

  async sync(files: TreeFiles): Promise<SyncAnswer> {
    const { changed, python } = await syncPrograms(files, this.#folder, this.#log)
    if (changed.length > 0) this.catalog.code.forget()
    if (changed.some((name) => name.startsWith('beacons.'))) this.#beaconsChanged()
    const idle = python.filter(({ standIn }) => !standIn)
    const broken = (['modules', 'states'] as const).flatMap((kind) =>
      this.catalog.code.broken(kind).map((sentence) => ({ kind, sentence })),
    )
    const refused = [...idle.map((file) => ({ kind: file.kind, sentence: pythonRefusal(file) })), ...broken]
    if (changed.length > 0)
      for (const { sentence } of broken) this.#log.error({ event: 'tree-code' }, sentence)
    if (this.catalog.sawPython(idle))
      for (const file of idle) this.#log.warn({ event: 'python-file' }, pythonRefusal(file))
    return { changed, refused }
  }
}

/** Below the state directory, which nobody else may write: programs run as this minion. */
export const programsFolder = (stateDirectory: string): string => join(stateDirectory, 'synced')
