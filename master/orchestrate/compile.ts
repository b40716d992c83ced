/** Compiles the SLS of an orchestration on the master: its grains, its pillar, its tree; all mistakes are found before anything runs. */
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import type { MasterOptions } from '../../shared/config/master-options.ts'
import { type Dict, type Plain, toValue, type Value } from '../../shared/data/value.ts'
import { describeError } from '../../shared/errors/error.ts'
import type { MinionId } from '../../shared/ids.ts'
import { overlay } from '../../shared/pillar/overlay.ts'
import { Redactor } from '../../shared/pillar/redactor.ts'
import { configuredMachine } from '../../shared/pillar-machine/configured.ts'
import { masterFunctions } from '../../shared/pillar-machine/master-functions.ts'
import { type HostFunctions, withEngine } from '../../shared/render/host.ts'
import { compileStates } from '../../shared/sls/compile.ts'
import { describeMistakes } from '../../shared/sls/describe-mistakes.ts'
import type { LowChunk } from '../../shared/sls/low.ts'
import { expandSls, findSls, missingSls } from '../../shared/sls/names.ts'
import type { Tree } from '../../shared/sls/tree.ts'
import { compileGlob, isGlob } from '../../shared/targeting/glob.ts'
import { type FolderTree, openFolderTree } from '../files/folder-tree.ts'
import { nodegroupsOf } from '../pillar/open-pillars.ts'
import type { PillarService } from '../pillar/pillar-service.ts'
import { checkRunner } from '../runners/call.ts'
import { bindWheel } from '../wheel/call-wheel.ts'
import { orchestrationCatalog } from './catalog.ts'
import type { RunnerResult } from './contract.ts'
import { masterGrains } from './master-grains.ts'
import { type KnownCalls, orchestrationMistakes } from './mistakes.ts'
import type { OrchestrationRequest } from './request.ts'
import type { WrittenCall } from './runner-words.ts'
import { templateCalls } from './template-functions.ts'

export interface CompiledOrchestration {
  readonly chunks: readonly LowChunk[]
  /** In Salt's form: ID → module → arguments. */
  readonly high: () => Dict
  /** Not empty: nothing may run. */
  readonly errors: readonly string[]
  /** Salt's, where there are errors: 1, or 5 where it is the pillar. */
  readonly retcode: number
  readonly pillar: Dict
  /** Functions of the master. */
  readonly functions: HostFunctions
  /** Knows what is secret in the pillar and in arguments of states. */
  readonly redactor: Redactor
}

export type CompileOrchestration = (
  request: OrchestrationRequest,
  id: MinionId,
  callRunner: (call: WrittenCall) => Promise<RunnerResult>,
) => Promise<CompiledOrchestration>

export interface CompileSetup {
  readonly options: MasterOptions
  readonly clock: Clock
  readonly logger: Logger
}

/** Milliseconds: the master has others to serve. */
const longestTemplate = 10_000

export function makeCompile(
  { options, clock, logger }: CompileSetup,
  pillars: Pick<PillarService, 'forMaster'>,
): CompileOrchestration {
  const tree = openFolderTree({ roots: options.file_roots, order: options.env_order, clock, logger })
  const machine = configuredMachine(options)
  return async (request, id, callRunner) => {
    const functions = masterFunctions(machine, options.pillar_functions, templateCalls(callRunner))
    const grains = masterGrains(id)
    const own = await pillars.forMaster(id, grains, request.pillarenv)
    const pillar = request.pillar === undefined ? own.pillar : overlay(own.pillar, request.pillar)
    const redactor = new Redactor()
    redactor.learn(own.pillar, own.secrets)
    if (request.pillar !== undefined) redactor.learnFrom(request.pillar)
    const refused = (retcode: number, errors: readonly string[]): CompiledOrchestration => ({
      chunks: [],
      high: () => new Map(),
      errors,
      retcode,
      pillar,
      functions,
      redactor,
    })
    if (own.errors.length > 0)
      return refused(5, [
        'Pillar failed to render with the following messages:',
        ...own.errors.map(describeError),
      ])
    await tree.refresh()
    const known = knownCalls(tree, functions, options.pillar_functions)
    const compiled = await compileStates({
      tree,
      subject: { id, grains, pillar, opts: optsOf(options, id, request.test) },
      catalog: orchestrationCatalog((chunk) => orchestrationMistakes(chunk, known), request.amongStates),
      settings: settingsOf(options),
      host: withEngine({ functions, longest: longestTemplate }, options.jinja_sls_env),
      sls: request.mods,
      ...(request.saltenv === undefined ? {} : { environment: request.saltenv }),
      ...(request.exclude === undefined ? {} : { exclude: request.exclude }),
    })
    if (compiled.errors.length > 0) return refused(1, describeMistakes(compiled.errors))
    for (const { args } of compiled.chunks) redactor.learnFrom(args)
    const { chunks, high } = compiled
    return { chunks, high, errors: [], retcode: 0, pillar, functions, redactor }
  }
}

function settingsOf(options: MasterOptions): Parameters<typeof compileStates>[0]['settings'] {
  return {
    stateTop: options.state_top,
    topMerging: options.top_file_merging_strategy,
    environmentOrder: options.env_order,
    defaultTop: options.default_top,
    nodegroups: nodegroupsOf(options),
    autoOrder: options.state_auto_order,
    saltCompat: options.salt_compat,
    renderer: options.renderer,
  }
}

/** What templates see as `opts`; its settings of ext_pillar hold passwords. */
function optsOf(options: MasterOptions, id: MinionId, test: boolean): Dict {
  const opts = toValue(options as Plain) as Dict
  opts.delete('ext_pillar')
  return new Map<string, Value>([...(opts as Map<string, Value>), ['id', id], ['test', test]])
}

function knownCalls(tree: FolderTree, functions: HostFunctions, permitted: readonly string[]): KnownCalls {
  const permits = permitted.map((pattern) => compileGlob(pattern))
  return {
    checkRunner,
    checkWheel: (call) => void bindWheel(call),
    masterFunctions: () => functions.names().filter((name) => permits.some((permit) => permit(name))),
    checkSls(sls, environment, place) {
      const wanted = environment === undefined ? tree.environments : [environment]
      if (wanted.some((name) => isThere(tree, name, sls))) return
      throw missingSls(tree, environment ?? 'base', sls, place)
    },
  }
}

const isThere = (tree: Tree, environment: string, sls: string): boolean =>
  isGlob(sls)
    ? expandSls(tree, environment, sls, undefined).length > 0
    : findSls(tree, environment, sls) !== undefined
