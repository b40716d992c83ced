/** What the tree brought this minion, by module: modules in TypeScript or JavaScript, and programs. */
import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import type { ExecFunction } from '../modules/contract.ts'
import type { StateFunction } from '../states/contract.ts'
import { CodeCatalog } from '../tree-code/code-catalog.ts'
import type { Program } from './exchange.ts'
import { programFunction } from './module-program.ts'
import { programState } from './state-program.ts'
import { codeFolderOf, type ProgramKind, type PythonFile, pythonRefusal } from './synced.ts'

const functionName = /^([A-Za-z_]\w*)\.(\w+)$/

export class ProgramCatalog {
  readonly #folder: string
  readonly code: CodeCatalog
  #python: readonly PythonFile[] = []

  /** @param folder as syncPrograms fills it */
  constructor(folder: string) {
    this.#folder = folder
    this.code = new CodeCatalog(codeFolderOf(folder))
  }

  /** @returns true where other Python files are there than before */
  sawPython(files: readonly PythonFile[]): boolean {
    const names = (of: readonly PythonFile[]): string => JSON.stringify(of)
    const isNew = names(files) !== names(this.#python)
    this.#python = files
    return isNew
  }

  function(name: string): ExecFunction | undefined {
    const own = this.code.function(name)
    if (own) return own
    const program = this.#program('modules', name)
    return program && programFunction(name, program)
  }

  state(name: string): StateFunction | undefined {
    const own = this.code.state(name)
    if (own) return own
    const program = this.#program('states', name)
    return program && programState(name, program)
  }

  /** Functions that modules of the tree have; those of programs are in no list. */
  names(kind: 'modules' | 'states'): string[] {
    return this.code.names(kind)
  }

  /** What is known of a function that is not there. */
  why(kind: ProgramKind, name: string): string | undefined {
    const own = kind === 'modules' || kind === 'states' ? this.code.why(kind, name) : undefined
    if (own !== undefined) return own
    const module = name.split('.')[0]
    const file = this.#python.find((one) => one.kind === kind && one.name === module)
    return file === undefined ? undefined : pythonRefusal(file)
  }

  #program(kind: ProgramKind, name: string): Program | undefined {
    const module = functionName.exec(name)?.[1]
    if (module === undefined) return undefined
    const path = join(this.#folder, kind, module)
    try {
      return lstatSync(path).isFile() ? { path, file: `salt://_${kind}/${module}` } : undefined
    } catch {
      // No such program.
      return undefined
    }
  }
}
