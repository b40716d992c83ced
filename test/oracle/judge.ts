/** One SLS compiled with a minion's grains and pillar, and what has become of it beside Salt's answer. */
import type { TreeFiles } from '../../minion/files/tree-files.ts'
import type { Dict } from '../../shared/data/value.ts'
import type { TsaltError } from '../../shared/errors/error.ts'
import { describeError } from '../../shared/errors/error.ts'
import type { RenderHost } from '../../shared/render/host.ts'
import { compileStates } from '../../shared/sls/compile.ts'
import type { Compiled, StateCatalog } from '../../shared/sls/compiled.ts'
import type { Answers, SlsAnswer } from './answers.ts'
import { compareLow } from './compare-low.ts'
import { recordedHost } from './recorded-calls.ts'
import { isForRunOnly, needsPython, refusedAlike } from './refusals.ts'

export type Verdict =
  | {
      readonly kind: 'equal'
      readonly compiled: Compiled
      readonly refused: readonly TsaltError[]
      /** Only with the option salt_compat. */
      readonly compat: boolean
    }
  | { readonly kind: 'different'; readonly difference: string }
  | { readonly kind: 'refused-alike' }
  | { readonly kind: 'refused-otherwise'; readonly errors: readonly TsaltError[] }
  | { readonly kind: 'refused-by-us'; readonly errors: readonly TsaltError[] }
  | { readonly kind: 'refused-by-salt' }
  | { readonly kind: 'impure'; readonly replayed: boolean }
  | { readonly kind: 'python' }

export interface Minion {
  readonly answers: Answers
  readonly tree: TreeFiles
  /** What templates see as `opts`. */
  readonly opts: Dict
  /** What needs no machine is answered. */
  readonly host: RenderHost
}

export async function judge(minion: Minion, name: string, answer: SlsAnswer): Promise<Verdict> {
  if (answer.errorKind === 'python') return { kind: 'python' }
  if (answer.impure) {
    if (answer.calls.length > 0 && answer.calls.every(({ custom }) => custom)) return { kind: 'python' }
    const { kind } = await compare(minion, name, answer, recordedHost(answer.calls, minion.host))
    return { kind: 'impure', replayed: kind === 'equal' || kind === 'refused-alike' }
  }
  return compare(minion, name, answer, minion.host)
}

async function compare(minion: Minion, name: string, answer: SlsAnswer, host: RenderHost): Promise<Verdict> {
  const compiled = await compile(minion, name, host)
  const low = compiled.low()
  const errors = compiled.errors.filter((error) => !isForRunOnly(error, low))
  if (answer.status === 'ok') {
    if (errors.some(needsPython)) return { kind: 'python' }
    if (errors.length > 0) return { kind: 'refused-by-us', errors }
    const difference = compareLow(low, answer.low)
    if (difference === undefined) return { kind: 'equal', compiled, refused: compiled.errors, compat: false }
    const again = await compile(minion, name, host, true)
    if (compareLow(again.low(), answer.low) !== undefined) return { kind: 'different', difference }
    return { kind: 'equal', compiled: again, refused: again.errors, compat: true }
  }
  if (refusedAlike(errors, answer, minion.tree)) return { kind: 'refused-alike' }
  if (errors.some(needsPython)) return { kind: 'python' }
  return errors.length > 0 ? { kind: 'refused-otherwise', errors } : { kind: 'refused-by-salt' }
}

function compile(
  { answers, tree, opts }: Minion,
  name: string,
  host: RenderHost,
  saltCompat = false,
): Promise<Compiled> {
  const { id, grains, pillar } = answers
  return compileStates({
    tree,
    subject: { id, grains, pillar, opts },
    catalog: anyState,
    settings: {
      stateTop: 'top.sls',
      topMerging: 'merge',
      environmentOrder: [],
      defaultTop: 'base',
      renderer: 'jinja|yaml',
      saltCompat,
    },
    sls: [name],
    host,
  })
}

/** Takes every function with every argument: which of them tsalt has is not in question here. */
const anyState: StateCatalog = {
  functions: () => undefined,
  modules: () => [],
  check: () => [],
  canRefresh: () => true,
}

export const firstOf = (errors: readonly TsaltError[]): string =>
  errors[0] === undefined ? '' : describeError(errors[0])
