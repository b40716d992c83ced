/**
 * Everything that jobs work with: grains, pillar, trees, the machine, and the services that functions call. The same
 * for the daemon and for `tsalt-call`; whether a master is behind it is told apart in one place, `makeWorld`.
 */
import { join } from 'node:path'
import type { MinionOptions } from '../../shared/config/minion-options.ts'
import { encodeValue } from '../../shared/data/codec.ts'
import type { Dict } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import type { JobId } from '../../shared/ids.ts'
import { type RenderHost, withEngine } from '../../shared/render/host.ts'
import { forgetCompiledTemplates } from '../../shared/render/renderers.ts'
import { functionsOf } from '../../shared/several-functions.ts'
import { version } from '../../shared/version.ts'
import { makeSources } from '../files/sources.ts'
import type { TreeFiles } from '../files/tree-files.ts'
import type { MinionServices, ModuleContext, StateRequest, SyncAnswer } from '../modules/contract.ts'
import { execModules } from '../modules/registry.ts'
import type { OpenedRun } from '../run/state-runner.ts'
import { templateHost } from '../run/template-host.ts'
import { type Machine, openMachine } from '../system/machine.ts'
import { makeChanger } from '../system/os-changer.ts'
import { makeReader } from '../system/os-reader.ts'
import type { Reader, SourceReader } from '../system/reader.ts'
import { noJournal, openUndoJournal, type UndoJournal, undoStore } from '../system/undo-journal.ts'
import { beaconService } from './beacon-service.ts'
import { functionTable } from './function-table.ts'
import { GrainStore } from './grain-store.ts'
import { lazyStateRunner } from './lazy-runner.ts'
import { lazySources } from './lazy-sources.ts'
import { type MasterPort, pushTo } from './master-port.ts'
import { patientPort } from './patient-port.ts'
import { pillarReaders, tellers } from './pillar-needs.ts'
import { localPillar, remotePillar } from './pillar-source.ts'
import { Pillars } from './pillars.ts'
import { compileSettings, optsOf, pillarEnvironmentOf, runOptions } from './run-settings.ts'
import { type RunTrees, treesOf, type WantedTrees } from './run-trees.ts'
import { scheduleService } from './schedule-service.ts'
import { loggedFromTemplate } from './template-log.ts'
import { programsFolder, TreePrograms } from './tree-programs.ts'
import type { WorldParts } from './world-parts.ts'

/** Jobs as the runner knows them; the world is made before the runner is. */
export type JobsService = MinionServices['jobs']

/** Compiled templates that a minion at rest keeps for its next run. */
const templatesKept = 50

export class MinionWorld {
  readonly #parts: WorldParts
  readonly #opts: Dict
  readonly #trees: RunTrees
  readonly #pillars: Pillars
  readonly #master: MasterPort | undefined
  readonly #services: MinionServices
  /** Job → the trees that it names, for the state runs in it. */
  readonly #wanted = new Map<JobId, WantedTrees>()
  readonly #programs: TreePrograms
  /** Those of the registry, and of programs of the tree. */
  readonly functions: MinionServices['functions']
  readonly grains: GrainStore
  readonly machine: Machine

  private constructor(parts: WorldParts, grains: GrainStore, jobs: () => JobsService) {
    const { options, id } = parts
    const master = parts.master && patientPort(parts.master, parts.clock)
    this.#parts = parts
    this.#master = master
    this.grains = grains
    this.#opts = optsOf(options, id, parts.configFolder)
    this.#trees = treesOf({ ...parts, master })
    this.#programs = new TreePrograms(
      programsFolder(options.state_dir),
      parts.log,
      () => void parts.beacons?.refresh(true),
    )
    this.functions = functionTable(this.#programs.catalog)
    this.#pillars = new Pillars({
      source: master ? remotePillar(master, id) : localPillar(options, id, this.#opts),
      grains: () => grains.current,
      environment: options.pillarenv,
      compiled: (pillar, secrets) => parts.pillarCompiled(pillar, secrets),
    })
    this.machine = openMachine({
      grains: grains.current,
      providers: options.providers,
      maxOutput: options.max_output,
    })
    this.#services = this.#makeServices(jobs)
  }

  /**
   * Finds the grains; the rest waits for the connection and the runner, which come later.
   * @throws TsaltError `provider-unknown` from the function returned
   */
  static async prepare(
    parts: Omit<WorldParts, 'master'> & { readonly local: boolean },
  ): Promise<(master: MasterPort, jobs: () => JobsService) => MinionWorld> {
    const { options, id, log } = parts
    const settings = {
      id,
      log,
      version,
      master: [options.master].flat().join(','),
      syncedFolder: join(programsFolder(options.state_dir), 'grains'),
      executablesFolder: options.grains_dir,
      configured: options.grains,
      staticFile: join(parts.configFolder, 'grains'),
    }
    const grains = await GrainStore.open(settings)
    return (master, jobs) => {
      grains.watch((changed) => void master.send('grains.update', { grains: encodeValue(changed) }))
      return new MinionWorld({ ...parts, master: parts.local ? undefined : master }, grains, jobs)
    }
  }

  prepareCall(fun: string, trees: WantedTrees | undefined): Promise<void> | undefined {
    return trees && this.#programs.prepare(functionsOf(fun), () => this.#trees.open(trees))
  }

  /** The context of one job. @param trees as the job names them */
  async openJob(
    job: ModuleContext['job'],
    fun: string,
    trees: WantedTrees | undefined,
  ): Promise<{ context: ModuleContext; close(): void }> {
    const { id, clock } = this.#parts
    const grains = this.grains.current
    const module = fun.slice(0, fun.indexOf('.'))
    const pillar = await this.#pillarFor(module)
    if (trees) this.#wanted.set(job.jid, trees)
    const host = this.#templateHost(() => context, false)
    const sources = lazySources(async () => this.#sources(await this.#trees.open(trees), pillar, host))
    this.machine.services.forget() // Hands may have been at them since the last job.
    const { machine, journal } = { machine: this.machine, journal: this.#journal(job.jid) }
    const reader = makeReader({ machine, grains, pillar, sources, signal: job.signal })
    const act = makeChanger({ machine, reader, journal, clock, signal: job.signal })
    const context: ModuleContext = {
      look: reader,
      act,
      job,
      config: this.#opts,
      id,
      services: this.#services,
    }
    const close = (): void => {
      this.#wanted.delete(job.jid)
      journal.close()
    }
    return { context, close }
  }

  async #pillarFor(module: string): Promise<Dict> {
    if (pillarReaders.has(module)) return this.#pillars.current()
    // Programs of the tree are given the pillar, and may say anything.
    const known = tellers.has(module) || !Object.hasOwn(execModules, module)
    if (!known) return this.#pillars.held
    try {
      return await this.#pillars.current()
    } catch (error) {
      this.#parts.log.warn({ err: error }, 'without its pillar this minion does not know what is secret')
      return this.#pillars.held
    }
  }

  /** As compiled last. */
  get pillar(): Dict {
    return this.#pillars.held
  }

  /** Brings the programs of the tree. */
  async sync(): Promise<SyncAnswer> {
    return this.#programs.sync(await this.#trees.open())
  }

  /** Compiled, where it was not yet. */
  loadPillar(): Promise<Dict> {
    return this.#pillars.current()
  }

  /** After work: what can be had again is given back. */
  release(): void {
    this.#trees.release()
    this.machine.forget()
    forgetCompiledTemplates(templatesKept)
  }

  #sources(files: TreeFiles, pillar: Dict, host: RenderHost): SourceReader {
    const engine = withEngine(host, this.#parts.options.jinja_env)
    return makeSources({ files, grains: this.grains.current, pillar, opts: this.#opts, host: engine })
  }

  #templateHost(context: () => ModuleContext, test: boolean): RenderHost {
    return templateHost({
      context,
      test,
      log: (level, message) => loggedFromTemplate(this.#parts.log, level, message),
    })
  }

  #journal(jid: JobId): UndoJournal {
    return this.#parts.undo ? openUndoJournal(join(this.#parts.options.state_dir, 'undo'), jid) : noJournal
  }

  #makeServices(jobs: () => JobsService): MinionServices {
    const { options, id, clock, tell, mine } = this.#parts
    const master = this.#master
    return {
      ...(tell && { tell }),
      ...(master && { push: pushTo(master), ...(mine && { mine: mine(master) }) }),
      pillar: this.#pillars.service,
      grains: this.grains.service,
      schedule: scheduleService(
        this.#parts,
        () => this.pillar,
        () => this.grains.current,
      ),
      beacons: beaconService(this.#parts, () => this.pillar),
      sync: { all: () => this.sync() },
      jobs: {
        running: () => jobs().running(),
        kill: (jid, signal) => jobs().kill(jid, signal),
      },
      functions: this.functions,
      undo: undoStore(this.#parts.undo ? join(options.state_dir, 'undo') : undefined),
      states: lazyStateRunner(options, (wanted) => ({
        id,
        clock,
        settings: compileSettings(wanted),
        testByDefault: wanted.test,
        runOptions: runOptions(wanted),
        stateSettings: {
          cachedir: wanted.cachedir,
          backupMode: wanted.backup_mode,
          lockEnvironment: wanted.lock_saltenv,
        },
        open: (request, context) => this.#openRun(request, context, wanted),
        otherStates: this.#programs.catalog,
        argumentsSeen: (args) => this.#parts.argumentsSeen(args),
      })),
    }
  }

  /** Trees and pillar in the same moment; grains first where the tree brings new programs for them. */
  async #openRun(request: StateRequest, context: ModuleContext, options: MinionOptions): Promise<OpenedRun> {
    const override = request.pillar
    const environment = pillarEnvironmentOf(request, options, this.#parts.options)
    const compile = (): ReturnType<Pillars['compile']> => this.#pillars.compile({ override, environment })
    const wanted = this.#wanted.get(context.job.jid)
    const [files, early] = await Promise.all([this.#trees.open(wanted), compile()])
    const synced = (await this.#programs.sync(files)).changed
    if (synced.length > 0) await this.grains.refresh()
    const { pillar, errors, groups } = synced.length > 0 ? await compile() : early
    let latest = pillar
    const journal = this.#journal(context.job.jid)
    const test = request.test ?? options.test
    const view = this.#runView({ files, pillar, journal, context, test })
    return {
      ...view,
      tree: files,
      grains: this.grains.current,
      pillar,
      pillarErrors: errors,
      ...(groups === undefined ? {} : { nodegroups: groups }),
      opts: this.#opts,
      reload: async (what) => {
        if (what.grains) await this.grains.refresh()
        const fresh = what.pillar ? await compile() : { pillar: latest, errors: [] }
        if (fresh.errors.length > 0) throw new TsaltError('pillar-reload', { reason: fresh.errors.join(' ') })
        latest = fresh.pillar
        return this.#runView({ files, pillar: latest, journal, context, test })
      },
      close: () => journal.close(),
    }
  }

  /** How states and templates see the machine: by the grains of now, and a pillar. */
  #runView({ files, pillar, journal, context, test }: RunView): Pick<OpenedRun, 'host' | 'look' | 'change'> {
    const { clock } = this.#parts
    const machine = this.machine
    const host = this.#templateHost(() => ({ ...context, look }), test)
    const sources = this.#sources(files, pillar, host)
    const { signal } = context.job
    const look: Reader = makeReader({ machine, grains: this.grains.current, pillar, sources, signal })
    return {
      host: withEngine(host, this.#parts.options.jinja_sls_env),
      look,
      change: (ended) => makeChanger({ machine, reader: look, journal, clock, signal: ended }),
    }
  }
}

interface RunView {
  readonly files: TreeFiles
  readonly pillar: Dict
  readonly journal: UndoJournal
  readonly context: ModuleContext
  readonly test: boolean
}
