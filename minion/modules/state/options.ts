/** Arguments that the functions which run states share, and what they make of them. */
import * as v from 'valibot'
import type { Dict } from '../../../shared/data/value.ts'
import { needed, optional } from '../../../shared/schema/argument.ts'
import { mapping, nameList } from '../../../shared/schema/collections.ts'
import { flag, text, whole } from '../../../shared/schema/scalars.ts'
import type { ExcludeEntry } from '../../../shared/sls/document.ts'
import type { StateRequest, Turn } from '../contract.ts'
import { exclusions } from './exclusions.ts'

export const slsNames = needed(nameList, 'SLS names, by comma or several.')

export const runOptions = {
  test: optional(flag, 'A dry run: nothing is changed, what would be is shown.'),
  pillar: optional(mapping, 'Pillar values that win over the compiled ones in this run.'),
  saltenv: optional(text, 'Environment of states and files.'),
  pillarenv: optional(text, 'Environment of the pillar.'),
  exclude: optional(exclusions, 'SLS names and patterns to leave out, or `{id: NAME}`.'),
  localconfig: optional(text, 'File on the minion with options for this run, over those of the minion.'),
  salt_compat: optional(
    flag,
    'For this run, over the option of the same name: do as Salt does where tsalt does better.',
  ),
  queue: optional(
    v.union([whole, flag]),
    'Not given: as the option `state_queue` says. True: wait for the runs before. A number: wait where no more than that are before it. False: give up where another runs.',
  ),
  concurrent: optional(flag, 'Run beside other state runs. What they change at the same time may clash.'),
  mock: optional(flag, 'Call no state; show which would be called.'),
  terse: optional(flag, 'Accepted for Salt; --state-output=terse of the command line does it.'),
}

export const showOptions = {
  pillar: runOptions.pillar,
  saltenv: runOptions.saltenv,
  pillarenv: runOptions.pillarenv,
  localconfig: runOptions.localconfig,
  salt_compat: runOptions.salt_compat,
}

export interface Given {
  readonly mods?: readonly string[]
  readonly test?: boolean
  readonly pillar?: Dict
  readonly saltenv?: string
  readonly pillarenv?: string
  readonly exclude?: readonly ExcludeEntry[]
  readonly whitelist?: readonly string[]
  readonly id?: string
  readonly mock?: boolean
  readonly localconfig?: string
  readonly salt_compat?: boolean
}

export function requestOf(given: Given): StateRequest {
  return {
    ...(given.mods && given.mods.length > 0 ? { sls: given.mods } : {}),
    ...(given.test === undefined ? {} : { test: given.test }),
    ...(given.pillar === undefined ? {} : { pillar: given.pillar }),
    ...(given.saltenv === undefined ? {} : { environment: given.saltenv }),
    ...(given.pillarenv === undefined ? {} : { pillarEnvironment: given.pillarenv }),
    ...(given.exclude === undefined ? {} : { exclude: given.exclude }),
    ...(given.whitelist === undefined ? {} : { whitelist: given.whitelist }),
    ...(given.id === undefined ? {} : { id: given.id }),
    ...(given.mock === undefined ? {} : { mock: given.mock }),
    ...(given.salt_compat === undefined ? {} : { saltCompat: given.salt_compat }),
    ...(given.localconfig === undefined ? {} : { localConfig: given.localconfig }),
  }
}

/** How a run takes its turn among the state runs of the minion; undefined: as the minion is configured. */
export function turnOf({
  queue,
  concurrent,
}: {
  readonly queue?: boolean | number
  readonly concurrent?: boolean
}): Turn | undefined {
  if (concurrent === true) return { kind: 'beside' }
  if (queue === false) return { kind: 'wait', most: 0 }
  if (typeof queue === 'number') return { kind: 'wait', most: queue }
  return queue === undefined ? undefined : { kind: 'wait' }
}
