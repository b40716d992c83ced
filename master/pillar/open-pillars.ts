/** The pillar service of a master, from its configuration. */
import type { Logger } from 'pino'
import type { Clock } from '../../shared/clock.ts'
import type { MasterOptions } from '../../shared/config/master-options.ts'
import { type Dict, type Plain, toValue } from '../../shared/data/value.ts'
import { withoutSecrets } from '../../shared/pillar/without-secrets.ts'
import { configuredMachine, configuredSettings } from '../../shared/pillar-machine/configured.ts'
import { masterFunctions } from '../../shared/pillar-machine/master-functions.ts'
import { withEngine } from '../../shared/render/host.ts'
import { openFolderTree } from '../files/folder-tree.ts'
import { type AskMine, pillarMine } from '../mine/pillar-mine.ts'
import type { KeyDesk } from '../pki/key-desk.ts'
import type { Settings } from '../settings/settings.ts'
import type { Store } from '../store/store.ts'
import { openPillarService } from './pillar-compiler.ts'
import type { PillarService } from './pillar-service.ts'

export interface PillarsSetup {
  readonly options: MasterOptions
  readonly clock: Clock
  readonly logger: Logger
  readonly settings: Pick<Settings, 'follow'>
}

export const nodegroupsOf = (options: MasterOptions): Dict => toValue(options.nodegroups as Plain) as Dict

/** The configuration as runners show it. */
export function shownOptions(options: MasterOptions): Dict {
  const opts = toValue(options as Plain) as Dict
  opts.delete('ext_pillar')
  return withoutSecrets(opts)
}

/** Milliseconds: what a minion calls its grains makes a template slow, and all others wait meanwhile. */
const longestPillarTemplate = 2_000

/** Made anew with other options: what was compiled before goes out with those that it was begun with. */
export function openPillars(
  setup: PillarsSetup,
  store: Pick<Store, 'minions'>,
  desk: KeyDesk,
  askMine?: AskMine,
): PillarService {
  const made = (options: MasterOptions): PillarService =>
    makePillars({ ...setup, options: { ...options } }, store, desk, askMine)
  let current = made(setup.options)
  setup.settings.follow((next) => () => {
    current = made(next)
  })
  return {
    show: (...words) => current.show(...words),
    forMinion: (...words) => current.forMinion(...words),
    forMaster: (...words) => current.forMaster(...words),
  }
}

function makePillars(
  { options, clock, logger }: Omit<PillarsSetup, 'settings'>,
  store: Pick<Store, 'minions'>,
  desk: KeyDesk,
  askMine?: AskMine,
): PillarService {
  // Plain data from YAML and the defaults: nothing in it but texts, numbers, flags, lists and mappings.
  const opts = toValue(options as Plain) as Dict
  // Its settings hold passwords, and templates and minions see the rest.
  opts.delete('ext_pillar')
  const machine = configuredMachine(options)
  const { pillar_functions: permitted, pillar_grain_secrets: mode, trusted_grains: trusted } = options
  return openPillarService({
    tree: openFolderTree({ roots: options.pillar_roots, order: options.env_order, clock, logger }),
    minions: store.minions,
    generationOf: (id) => desk.store.generationOf(id),
    settings: {
      stateTop: options.state_top,
      topMerging: options.top_file_merging_strategy,
      environmentOrder: options.env_order,
      defaultTop: options.default_top,
      nodegroups: nodegroupsOf(options),
      renderer: options.renderer,
      ...configuredSettings(options),
      grainSecrets: { mode, trusted },
    },
    machine,
    hostFor: (minion) => {
      const own = askMine && pillarMine(minion, askMine)
      const functions = masterFunctions(machine, permitted, own)
      return withEngine({ functions, longest: longestPillarTemplate }, options.jinja_sls_env)
    },
    opts,
    ...(options.pillar_opts ? { masterInPillar: opts } : {}),
    logger,
  })
}
