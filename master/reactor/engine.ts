/** The reactor of a master, put together from its options. */
import { hostname } from 'node:os'
import { asWritten } from '../../shared/config/as-written.ts'
import { type Dict, type Plain, toValue, type Value } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { isMinionId, parseMinionId } from '../../shared/ids.ts'
import { configuredMachine } from '../../shared/pillar-machine/configured.ts'
import { masterFunctions } from '../../shared/pillar-machine/master-functions.ts'
import { withEngine } from '../../shared/render/host.ts'
import type { Engine, EngineServices, RunningEngine } from '../engines/contract.ts'
import { openFolderTree } from '../files/folder-tree.ts'
import { masterGrains, masterName } from '../orchestrate/master-grains.ts'
import { AddedEntries } from './added-entries.ts'
import { Consumer } from './consumer.ts'
import { type ReactorEntry, readEntries } from './entry.ts'
import { MistakeLog } from './mistake-log.ts'
import { perform } from './perform.ts'
import { Reactor } from './reactor.ts'
import type { ReactorDoor } from './reactor-door.ts'
import { openReactorFiles, type ReactorFiles } from './reactor-files.ts'
import { rehearse } from './rehearse.ts'

const name = 'reactor'
/** Milliseconds: a template must not hold up the minions. */
const longestTemplate = 2_000

/** @param pauses milliseconds between attempts where the machine failed */
export const makeReactorEngine = (pauses: readonly number[]): Engine => ({
  name,
  async start(services) {
    return startReactor(services, entriesOf(services.options), pauses)
  },
})

/** @throws TsaltError `reactor-option-wrong` */
const entriesOf = ({ reactor }: Pick<EngineServices['options'], 'reactor'>): readonly ReactorEntry[] =>
  readEntries(asWritten(reactor) as Value[])

export const reactorEngine: Engine = makeReactorEngine([200, 1_000, 5_000])

async function startReactor(
  services: EngineServices,
  configured: readonly ReactorEntry[],
  pauses: readonly number[],
): Promise<RunningEngine> {
  const { options, clock, log, store, events, access, jobs, callRunner, callWheel } = services
  let current = configured
  const stopping = new AbortController()
  const mistakes = new MistakeLog(clock, (count, last) => {
    log.warn({ count, last }, 'events were too old when the reactor came to them')
    events.fire('salt/reactor/skipped', { count, last, seconds: options.reactor_backlog_seconds })
  })
  const files = openFiles(services)
  const acting = { consumer: name, claims: store.consumers, jobs, callRunner, callWheel }
  const reactor = new Reactor({
    files,
    perform: (reaction, occasion) => perform(acting, reaction, occasion),
    access,
    events,
    mistakes,
    clock,
    log,
    get longest() {
      return options.reactor_backlog_seconds * 1000
    },
    pauses,
    signal: stopping.signal,
  })
  const before = await store.consumers.find(name)
  mistakes.restore(before?.data)
  const added = new AddedEntries(before?.data)
  const takeEntries = (): void => {
    reactor.entries = [...current, ...added.entries]
  }
  takeEntries()
  await tellDoubts(reactor, files, log)
  const consumer = new Consumer({
    name,
    store: store.consumers,
    events,
    last: () => store.events.last(),
    clock,
    log,
    width: options.reactor_worker_threads,
    isWanted: reactor.isWanted,
    workOf: reactor.workOf,
    data: () => ({ ...mistakes.toJson(), added: added.toJson() }),
  })
  // Nobody reads events where nobody wants any.
  if (reactor.entries.length > 0) await consumer.start()
  else await consumer.save()
  const changed = async (): Promise<void> => {
    takeEntries()
    await tellDoubts(reactor, files, log)
    await consumer.save()
    if (reactor.entries.length > 0) await consumer.start()
  }
  const isConfigured = (glob: string): boolean => current.some((entry) => entry.glob === glob)
  const parts = { reactor, files, mistakes, consumer, added, changed, isConfigured }
  services.doors.reactor = openDoor(services, parts)
  return {
    prepare(next) {
      const wanted = entriesOf(next)
      return () => {
        current = wanted
        return changed()
      }
    },
    async stop() {
      stopping.abort()
      delete services.doors.reactor
      await consumer.stop()
    },
  }
}

/** A file or a user may come later than the entry that names it; until then its events do nothing. */
async function tellDoubts(reactor: Reactor, files: ReactorFiles, log: EngineServices['log']): Promise<void> {
  for (const entry of reactor.entries) {
    const { glob, as } = entry
    const warning = reactor.warningOf(entry)
    if (warning !== undefined)
      log.warn({ reactor: glob, as }, `what this reactor entry wants would be refused: ${warning}`)
    for (const file of entry.files)
      if (!(await files.isThere(file))) log.warn({ reactor: glob, file }, 'there is no such reactor file')
  }
}

interface DoorParts {
  readonly reactor: Reactor
  readonly files: ReactorFiles
  readonly mistakes: MistakeLog
  readonly consumer: Consumer
  readonly added: AddedEntries
  /** Takes the entries as they are now. */
  readonly changed: () => Promise<void>
  readonly isConfigured: (glob: string) => boolean
}

function openDoor(
  { store, access, resolveTarget, clock }: EngineServices,
  { reactor, files, mistakes, consumer, added, changed, isConfigured }: DoorParts,
): ReactorDoor {
  return {
    list: () => reactor.entries,
    warningOf: (entry) => reactor.warningOf(entry),
    status: async () => ({
      running: reactor.entries.length > 0,
      offset: consumer.offset,
      lag: reactor.entries.length > 0 ? Math.max(0, (await store.events.last()) - consumer.offset) : 0,
      underWay: consumer.underWay,
      counts: mistakes.counts,
      errors: mistakes.errors,
    }),
    rehearse: (tag, data) => rehearse({ reactor, files, access, resolveTarget, clock }, tag, data),
    async add(glob, value) {
      if (reactor.entries.some((entry) => entry.glob === glob))
        throw new TsaltError('reactor-entry-exists', { tag: glob })
      added.add(glob, value)
      await changed()
    },
    async remove(glob) {
      if (!added.remove(glob)) {
        throw new TsaltError(isConfigured(glob) ? 'reactor-entry-configured' : 'reactor-entry-unknown', {
          tag: glob,
        })
      }
      await changed()
    },
  }
}

function openFiles({ options, clock, log }: EngineServices): ReactorFiles {
  const id = isMinionId(`${hostname().toLowerCase()}_master`) ? masterName() : parseMinionId('master')
  // As they are when it reacts; the settings of ext_pillar hold passwords.
  const opts = (): Dict => {
    const { ext_pillar: _secret, ...shown } = options
    return (toValue(shown as Plain) as Dict).set('id', id)
  }
  const machine = configuredMachine(options)
  let grains: Dict | undefined
  return openReactorFiles({
    tree: openFolderTree({ roots: options.file_roots, order: options.env_order, clock, logger: log }),
    renderer: options.renderer,
    variables: async () => {
      grains ??= masterGrains(id)
      return { opts: opts(), grains, pillar: new Map() }
    },
    host: withEngine(
      { functions: masterFunctions(machine, options.pillar_functions), longest: longestTemplate },
      options.jinja_sls_env,
    ),
  })
}
