/** Modules of the tree that this minion has, and the thread that runs them. */
import { readFileSync } from 'node:fs'
import type { CodeKind } from '../../shared/tree-code/code-paths.ts'
import type { ExecFunction } from '../modules/contract.ts'
import { requireOwnProgram } from '../programs/own-program.ts'
import type { StateFunction } from '../states/contract.ts'
import { CodeWorker } from './code-worker.ts'
import type { FunctionDescription } from './description.ts'
import { type Descriptions, descriptionsFile, moduleUrl } from './synced-code.ts'
import { treeFunction } from './tree-function.ts'
import { treeState } from './tree-state.ts'

/** Where a function is, and what runs it. */
export interface CodeFunction {
  /** `salt://_states/disk`, for messages. */
  readonly file: string
  readonly url: string
  /** Without its module: `sized`. */
  readonly fun: string
  readonly description: FunctionDescription
  /** @throws Error where others may change the module */
  worker(): CodeWorker
}

const none: Descriptions = { modules: {}, states: {} }
/** Milliseconds that a thread waits for another call. */
const idle = 10_000
/** Milliseconds that it waits for a decided change to be made. */
const longestWait = 600_000

export class CodeCatalog {
  readonly #folder: string
  #read: Descriptions | undefined
  #worker: CodeWorker | undefined
  #idle: NodeJS.Timeout | undefined
  #rests = 0

  /** @param folder as syncCode fills it */
  constructor(folder: string) {
    this.#folder = folder
  }

  /** After a sync that changed something: what runs goes on with what it has loaded. */
  forget(): void {
    this.#read = undefined
    this.#release()
  }

  function(name: string): ExecFunction | undefined {
    const found = this.#find('modules', name)
    return found && treeFunction(name, found)
  }

  state(name: string): StateFunction | undefined {
    const found = this.#find('states', name)
    return found && treeState(name, found)
  }

  /** `racks.of`, … */
  names(kind: CodeKind): string[] {
    return Object.entries(this.#descriptions()[kind]).flatMap(([module, described]) =>
      described.error === undefined ? Object.keys(described.functions).map((fun) => `${module}.${fun}`) : [],
    )
  }

  /** A sentence for each module that cannot be loaded. */
  broken(kind: CodeKind): string[] {
    return Object.entries(this.#descriptions()[kind]).flatMap(([module, { error }]) =>
      error === undefined ? [] : [brokenModule(kind, module, error)],
    )
  }

  /** What is known of a function that is not there. */
  why(kind: CodeKind, name: string): string | undefined {
    const module = name.split('.')[0] ?? ''
    const described = this.#descriptions()[kind][module]
    if (described === undefined) return undefined
    if (described.error !== undefined) return brokenModule(kind, module, described.error)
    return `_${kind}/${module} of the tree has: ${Object.keys(described.functions).join(', ')}.`
  }

  #find(kind: CodeKind, name: string): CodeFunction | undefined {
    const [module = '', fun = '', ...rest] = name.split('.')
    const described = this.#descriptions()[kind]
    const found = rest.length === 0 && Object.hasOwn(described, module) ? described[module] : undefined
    if (found === undefined || found.error !== undefined || !Object.hasOwn(found.functions, fun))
      return undefined
    const description = found.functions[fun]
    if (description === undefined) return undefined
    const path = `_${kind}/${module}.js`
    return {
      file: `salt://_${kind}/${module}`,
      url: moduleUrl(this.#folder, path),
      fun,
      description,
      worker: () => {
        requireOwnProgram(`${this.#folder}/${path}`)
        return this.#running()
      },
    }
  }

  #running(): CodeWorker {
    if (this.#worker === undefined || this.#worker.isGone) this.#worker = new CodeWorker()
    this.#rests = 0
    this.#rearm()
    return this.#worker
  }

  /** A change that was decided is still to be made, unless its job has ended in between. */
  #rest(): void {
    const { isBusy = false, hasDecisions = false } = this.#worker ?? {}
    this.#rests += 1
    if (isBusy || (hasDecisions && this.#rests < longestWait / idle)) this.#rearm()
    else this.#release()
  }

  #rearm(): void {
    clearTimeout(this.#idle)
    this.#idle = setTimeout(() => this.#rest(), idle)
    this.#idle.unref()
  }

  #release(): void {
    const worker = this.#worker
    this.#worker = undefined
    clearTimeout(this.#idle)
    if (worker?.isBusy === false) void worker.close()
  }

  #descriptions(): Descriptions {
    this.#read ??= readDescriptions(descriptionsFile(this.#folder))
    return this.#read
  }
}

const brokenModule = (kind: CodeKind, module: string, error: string): string =>
  `salt://_${kind}/${module} cannot be loaded: ${error}`

function readDescriptions(file: string): Descriptions {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Descriptions
  } catch {
    // No tree has brought any.
    return none
  }
}
