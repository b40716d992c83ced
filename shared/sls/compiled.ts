/** What goes into and comes out of the compiler of states. Pure: data in, low chunks out; reading is a port. */
import type { Dict } from '../data/value.ts'
import type { TsaltError } from '../errors/error.ts'
import type { RenderHost } from '../render/host.ts'
import type { ExcludeEntry } from './document.ts'
import type { LowChunk } from './low.ts'
import type { Tree } from './tree.ts'

export interface Subject {
  readonly id: string
  readonly grains: Dict
  readonly pillar: Dict
  /** What templates see as `opts`. */
  readonly opts: Dict
}

/** What the compiler must know of state functions, without importing them. */
export interface StateCatalog {
  /** `file` → names of its functions; undefined: no such module. */
  functions(module: string): readonly string[] | undefined
  modules(): readonly string[]
  /** All that is wrong with the arguments of one chunk, with places: unknown (with suggestion), missing, of a wrong type. */
  check(chunk: LowChunk): readonly TsaltError[]
  /** False: `watch` on it means no more than `require`. */
  canRefresh(module: string, fun: string): boolean
}

export interface CompileRequest {
  readonly tree: Tree
  readonly subject: Subject
  readonly catalog: StateCatalog
  readonly settings: CompileSettings
  /** SLS names; absent: what the top file gives. */
  readonly sls?: readonly string[]
  /** Only this environment. Without it `sls` is looked up in base, and the top files of all apply. */
  readonly environment?: string
  /** As in `exclude:` of an SLS: names of SLS, or kind and name. */
  readonly exclude?: readonly (string | ExcludeEntry)[]
  /** Of what the top file gives only these SLS. */
  readonly whitelist?: readonly string[]
  /** Only the top files are read: `top` and their errors are all there is. */
  readonly topOnly?: boolean
  /** Functions of the machine that templates may call; none without it. */
  readonly host?: RenderHost | undefined
}

export interface CompileSettings {
  readonly stateTop: string
  readonly topMerging: 'merge' | 'merge_all' | 'same'
  readonly environmentOrder: readonly string[]
  readonly defaultTop: string
  /** Option `state_top_saltenv`: only the top file of this environment counts. */
  readonly topEnvironment?: string | undefined
  /** For the match type `nodegroup` and N@: name → expression or list. */
  readonly nodegroups?: Dict | undefined
  /** False: states without `order` are sorted by module, name and function instead of as they are written. */
  readonly autoOrder?: boolean | undefined
  /** Requisites that are passed over, with a warning. */
  readonly disabledRequisites?: readonly string[] | undefined
  /**
   * Option `salt_compat`, for trees that need what Salt does there: functions of an ID in Salt's order, and `_in`
   * requisites of nothing are passed over with a warning.
   */
  readonly saltCompat?: boolean | undefined
  /** Of *.sls without a first line of its own. */
  readonly renderer: string
}

export interface Compiled {
  /** Environment → SLS names, as the top files (or `sls`) gave them. */
  readonly top: ReadonlyMap<string, readonly string[]>
  /** `environment:sls` of all that was rendered, included ones too. */
  readonly rendered: readonly string[]
  /** Salt's high data, for state.show_highstate: as the SLS say it, before extends, excludes and requisites count. */
  readonly high: () => Dict
  /** In order of execution. Empty where there are errors. */
  readonly chunks: readonly LowChunk[]
  /** Low data in Salt's form and order, of all that could be read: there also where errors keep it from running. */
  readonly low: () => readonly Dict[]
  /** Not empty: nothing may run. All that can be found is found, not only the first. */
  readonly errors: readonly TsaltError[]
  readonly warnings: readonly string[]
}
