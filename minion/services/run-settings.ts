/** The minion's options in the forms that compilers and templates want. */

import type { MinionOptions } from '../../shared/config/minion-options.ts'
import { type Dict, type Plain, toValue } from '../../shared/data/value.ts'
import type { PillarSettings } from '../../shared/pillar/compile.ts'
import type { CompileSettings } from '../../shared/sls/compiled.ts'
import type { StateRequest } from '../modules/contract.ts'
import type { RunOptions } from '../run/apply.ts'

/** What nobody may read out of `opts` or `config.get`. */
const kept: ReadonlySet<string> = new Set(['join_token', 'ext_pillar'])

/** What templates see as `opts`, and `config.get` answers. */
export function optsOf(options: MinionOptions, id: string, configFolder: string): Dict {
  const opts: Dict = new Map()
  for (const [name, value] of Object.entries(options))
    if (!kept.has(name)) opts.set(name, toValue(value as Plain))
  return opts.set('config_dir', configFolder).set('id', id)
}

export function compileSettings(options: MinionOptions): CompileSettings {
  return {
    stateTop: options.state_top,
    topMerging: options.top_file_merging_strategy,
    environmentOrder: options.env_order,
    defaultTop: options.default_top,
    topEnvironment: options.state_top_saltenv || undefined,
    nodegroups: toValue(options.nodegroups as Plain) as Dict,
    autoOrder: options.state_auto_order,
    saltCompat: options.salt_compat,
    disabledRequisites: options.disabled_requisites,
    renderer: options.renderer,
  }
}

export function runOptions(options: MinionOptions): RunOptions {
  return {
    failhard: options.failhard,
    aggregate: toValue(options.state_aggregate),
    events: options.state_events,
    disabledRequisites: options.disabled_requisites,
    conditions: toValue(options.global_state_conditions as Plain) as Dict,
  }
}

export function pillarSettings(
  options: MinionOptions,
  configuredSettings: (options: MinionOptions) => PillarSettings,
): CompileSettings & PillarSettings {
  return {
    ...compileSettings(options),
    ...configuredSettings(options),
  }
}

/**
 * The environment that a run asks its pillar from; undefined: as usual.
 * @param own options of this run
 */
export function pillarEnvironmentOf(
  { pillarEnvironment }: StateRequest,
  own: MinionOptions,
  usual: MinionOptions,
): string | undefined {
  const { pillarenv } = own
  return pillarEnvironment ?? (pillarenv === usual.pillarenv || pillarenv === '' ? undefined : pillarenv)
}
