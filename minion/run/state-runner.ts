/** The StateRunner of a minion: fetches tree and pillar, compiles, checks the whole graph, then executes. */
import type { Dict, Value } from '../../shared/data/value.ts'
import { describeError, isTsaltError } from '../../shared/errors/error.ts'
import type { RenderHost } from '../../shared/render/host.ts'
import { compileStates } from '../../shared/sls/compile.ts'
import type { Compiled, CompileSettings } from '../../shared/sls/compiled.ts'
import { describeMistakes } from '../../shared/sls/describe-mistakes.ts'
import { globalArguments } from '../../shared/sls/keywords.ts'
import type { LowChunk } from '../../shared/sls/low.ts'
import { noSuchId, onlyId } from '../../shared/sls/only-id.ts'
import type { Tree } from '../../shared/sls/tree.ts'
import type { Answer, ModuleContext, StateRequest, StateRunner } from '../modules/contract.ts'
import { type OtherStates, stateCatalog, useOtherStates } from '../states/catalog.ts'
import { type AppliedTo, type ApplyParts, applyChunks } from './apply.ts'
import { showCompiled } from './show.ts'

/** One run's view of the world: the tree and the pillar are fixed for its whole length. */
export interface OpenedRun extends AppliedTo {
  readonly tree: Tree
  readonly grains: Dict
  readonly pillar: Dict
  /** Not empty: the pillar could not be compiled, and no state runs. */
  readonly pillarErrors: readonly string[]
  /** Of the master, over those of the configuration: name → list of ids. */
  readonly nodegroups?: Dict
  /** What templates see as `opts`. */
  readonly opts: Dict
  /** What templates may ask this machine. */
  readonly host?: RenderHost
  /** Called when the run is over, however it ended. */
  close(): void
}

export interface StateRunnerParts extends ApplyParts {
  readonly settings: CompileSettings
  /** `test: True` in the minion's configuration. */
  readonly testByDefault: boolean
  open(request: StateRequest, context: ModuleContext): Promise<OpenedRun>
  /** Programs of the tree that stand in for state modules. */
  readonly otherStates?: OtherStates
  /** Told of the arguments of every compiled state: what is secret in them stays out of all that is said. */
  argumentsSeen?(args: Dict): void
}

export function makeStateRunner(parts: StateRunnerParts): StateRunner {
  useOtherStates(parts.otherStates)
  return {
    run: (request, context) =>
      withRun(parts, request, context, async (opened) => {
        const compiled = await compile(parts, opened, request)
        if (compiled.errors.length > 0) return compileFailure(compiled)
        const test = request.test ?? parts.testByDefault
        const wish = request.mock === true ? { test, mock: true } : { test }
        const { id } = request
        const chunks = id === undefined ? compiled.chunks : onlyId(compiled.chunks, id)
        if (id !== undefined && chunks.length === 0) return refused([describeError(noSuchId(id, compiled))])
        return applyChunks(parts, opened, chunks, wish, context)
      }),
    single: (fun, args, test, context) =>
      withRun(parts, test === undefined ? {} : { test }, context, (opened) => {
        const chunk = singleChunk(fun, args)
        parts.argumentsSeen?.(chunk.args)
        const errors = stateCatalog.check(chunk)
        if (errors.length > 0) return refused(errors.map(describeError))
        return applyChunks(parts, opened, [chunk], { test: test ?? parts.testByDefault }, context)
      }),
    control: (jid) => parts.controls.find(jid),
    show: (what, request, context) =>
      // Showing is as dry as a dry run.
      withRun(parts, { ...request, test: true }, context, async (opened) => {
        // Who asks for the top file wants to see it whatever is wrong with the SLS that it names.
        const wanted = what === 'top' ? { ...request, topOnly: true } : request
        const compiled = await compile(parts, opened, wanted)
        if (compiled.errors.length > 0) return compileFailure(compiled)
        return { ret: showCompiled(what, compiled, opened.tree), retcode: 0, format: 'nested' }
      }),
  }
}

async function withRun(
  parts: StateRunnerParts,
  request: StateRequest,
  context: ModuleContext,
  use: (opened: OpenedRun) => Promise<Answer> | Answer,
): Promise<Answer> {
  let opened: OpenedRun
  try {
    opened = await parts.open(request, context)
  } catch (error) {
    if (isTsaltError(error)) return refused([describeError(error)])
    throw error
  }
  try {
    if (opened.pillarErrors.length > 0) {
      return {
        ret: ['Pillar failed to render with the following messages:', ...opened.pillarErrors],
        retcode: 5,
        format: 'highstate',
      }
    }
    return await use(opened)
  } finally {
    opened.close()
  }
}

interface Compilation extends StateRequest {
  readonly topOnly?: boolean
}

async function compile(parts: StateRunnerParts, opened: OpenedRun, request: Compilation): Promise<Compiled> {
  const made: string[] = []
  const rendered = (file: string, text: string): void => void made.push(`Rendered ${file}:\n${text}`)
  const host = { ...opened.host, rendered }
  const compiled = await compileTree(parts, { ...opened, host }, request)
  for (const { args } of compiled.chunks) parts.argumentsSeen?.(args)
  // Only now is known which arguments are secret; where the compiler gave up, it is not.
  if (compiled.errors.length === 0) for (const text of made) opened.host?.log?.('debug', text)
  return compiled
}

function compileTree(parts: StateRunnerParts, opened: OpenedRun, request: Compilation): Promise<Compiled> {
  const { tree, grains, pillar, opts } = opened
  return compileStates({
    tree,
    subject: { id: parts.id, grains, pillar, opts },
    catalog: stateCatalog,
    settings: settingsOf(parts.settings, opened.nodegroups, request.saltCompat),
    host: opened.host,
    ...(request.sls ? { sls: request.sls } : {}),
    ...(request.environment ? { environment: request.environment } : {}),
    ...(request.exclude ? { exclude: request.exclude } : {}),
    ...(request.whitelist ? { whitelist: request.whitelist } : {}),
    ...(request.topOnly ? { topOnly: true } : {}),
  })
}

/** @param own of the configuration */
function settingsOf(
  own: CompileSettings,
  nodegroups: Dict | undefined,
  saltCompat: boolean | undefined = own.saltCompat,
): CompileSettings {
  return { ...own, saltCompat, nodegroups: new Map([...(own.nodegroups ?? []), ...(nodegroups ?? [])]) }
}

const compileFailure = (compiled: Compiled): Answer => refused(describeMistakes(compiled.errors))
const refused = (messages: readonly string[]): Answer => ({
  ret: [...messages],
  retcode: 1,
  format: 'highstate',
})

/** A chunk made from a command line: `state.single file.touch name=/tmp/x`. */
function singleChunk(fun: string, given: Dict): LowChunk {
  const [state = '', name = ''] = fun.split('.', 2)
  const chunkName = String(given.get('name') ?? '')
  const args: Dict = new Map(
    [...given].filter(([key]) => key !== 'name' && !globalArguments.has(String(key))),
  )
  const globals: Dict = new Map<never, Value>([]) as Dict
  for (const [key, value] of given) if (globalArguments.has(String(key))) globals.set(key, value)
  return {
    state,
    fun: name,
    name: chunkName,
    id: chunkName,
    sls: 'state.single',
    environment: 'base',
    order: 0,
    args,
    globals,
    requisites: [],
    place: undefined,
  }
}
