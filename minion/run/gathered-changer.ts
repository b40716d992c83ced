/**
 * For `aggregate`: states that are called together, whose packages are installed (or removed) in one transaction.
 * Each state goes on by itself; what it asks for first waits until all others have asked or are done.
 */
import { packagesWith, readerWith } from '../states/reader-with.ts'
import type { Changer, PackageChanger, PackageRequest } from '../system/changer.ts'
import type { InstalledPackage, Reader } from '../system/reader.ts'

type InstallOptions = Parameters<PackageChanger['install']>[1]
type Verb = 'install' | 'remove' | 'purge'

interface Asked {
  readonly verb: Verb
  readonly requests: readonly PackageRequest[]
  readonly options: InstallOptions
  /** @param foreign packages that only others asked for */
  readonly resolve: (foreign: ReadonlySet<string>) => void
  readonly reject: (error: unknown) => void
}

export class Gathering {
  readonly #act: Changer
  readonly #asked: Asked[] = []
  /** Members of whom nothing was heard yet. */
  #awaited: number

  constructor(act: Changer, members: number) {
    this.#act = act
    this.#awaited = members
  }

  /** For one member; `done` is called when it has nothing more to ask. */
  member(): { readonly act: Changer; done(): void } {
    let heard = false
    const arrive = (): boolean => {
      if (heard) return false
      heard = true
      return true
    }
    const view = new OwnView(this.#act.look)
    const ask = async (
      verb: Verb,
      requests: readonly PackageRequest[],
      options: InstallOptions,
    ): Promise<void> => {
      if (!arrive()) return this.#transaction(verb, requests, options)
      const before = await this.#act.look.packages.installed()
      return new Promise((resolve, reject) => {
        const done = (foreign: ReadonlySet<string>): void => {
          view.hide(foreign, before)
          resolve()
        }
        this.#asked.push({ verb, requests, options, resolve: done, reject })
        this.#awaited -= 1
        this.#actIfComplete()
      })
    }
    const named = (verb: Verb) => (names: readonly string[]) =>
      ask(
        verb,
        names.map((name) => ({ name })),
        undefined,
      )
    const { files, commands, services, accounts, http, signal, packages } = this.#act
    const gathered: PackageChanger = {
      install: (requests, options) => ask('install', requests, options),
      remove: named('remove'),
      purge: named('purge'),
      refresh: () => packages.refresh(),
      installFiles: (paths, options) => packages.installFiles(paths, options),
      upgrade: (options) => packages.upgrade(options),
      download: (requests, options) => packages.download(requests, options),
      autoremove: (options) => packages.autoremove(options),
      hold: (names) => packages.hold(names),
      unhold: (names) => packages.unhold(names),
    }
    return {
      act: { look: view.look, files, commands, services, accounts, http, signal, packages: gathered },
      done: () => {
        if (!arrive()) return
        this.#awaited -= 1
        this.#actIfComplete()
      },
    }
  }

  #transaction(verb: Verb, requests: readonly PackageRequest[], options: InstallOptions): Promise<void> {
    const { packages } = this.#act
    return verb === 'install'
      ? packages.install(requests, options)
      : packages[verb](requests.map(({ name }) => name))
  }

  #actIfComplete(): void {
    if (this.#awaited > 0 || this.#asked.length === 0) return
    const groups = new Map<string, Asked[]>()
    for (const one of this.#asked.splice(0)) {
      const key = JSON.stringify([one.verb, Object.entries(one.options ?? {}).sort()])
      const group = groups.get(key)
      if (group) group.push(one)
      else groups.set(key, [one])
    }
    void this.#actOn([...groups.values()])
  }

  async #actOn(groups: readonly (readonly Asked[])[]): Promise<void> {
    for (const group of groups) {
      // Two states may want different versions of one package; such a wish is for the second to fail with.
      const together = compatible(group)
      if (!together || !(await this.#tryTogether(group))) for (const one of group) await this.#alone(one)
    }
  }

  /** @returns false where it failed: then each state has to find out whether it was its own fault */
  async #tryTogether(group: readonly Asked[]): Promise<boolean> {
    const [first] = group
    if (!first) return true
    const requests = new Map(group.flatMap(({ requests }) => requests.map((one) => [one.name, one])))
    try {
      await this.#transaction(first.verb, [...requests.values()], first.options)
    } catch (error) {
      if (group.length > 1 && !this.#act.signal.aborted) return false
      for (const { reject } of group) reject(error)
      return true
    }
    for (const { resolve, requests: own } of group) {
      const names = new Set(own.map(({ name }) => name))
      resolve(new Set([...requests.keys()].filter((name) => !names.has(name))))
    }
    return true
  }

  async #alone({ verb, requests, options, resolve, reject }: Asked): Promise<void> {
    try {
      await this.#transaction(verb, requests, options)
      resolve(new Set())
    } catch (error) {
      reject(error)
    }
  }
}

/** What a member sees of the packages: those of other members as they were, so that it reports only its own. */
class OwnView {
  readonly look: Reader
  #foreign: ReadonlySet<string> = new Set()
  #before: ReadonlyMap<string, InstalledPackage> = new Map()

  constructor(look: Reader) {
    const { packages } = look
    const own = packagesWith(packages, { installed: async () => this.#masked(await packages.installed()) })
    this.look = readerWith(look, { packages: own })
  }

  hide(foreign: ReadonlySet<string>, before: ReadonlyMap<string, InstalledPackage>): void {
    this.#foreign = foreign
    this.#before = before
  }

  #masked(installed: ReadonlyMap<string, InstalledPackage>): ReadonlyMap<string, InstalledPackage> {
    if (this.#foreign.size === 0) return installed
    const masked = new Map(installed)
    for (const name of this.#foreign) {
      const earlier = this.#before.get(name)
      if (earlier) masked.set(name, earlier)
      else masked.delete(name)
    }
    return masked
  }
}

function compatible(group: readonly Asked[]): boolean {
  const versions = new Map<string, string | undefined>()
  for (const { name, version } of group.flatMap(({ requests }) => requests)) {
    if (versions.has(name) && versions.get(name) !== version) return false
    versions.set(name, version)
  }
  return true
}
