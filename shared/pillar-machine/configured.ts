/** Options of a configuration in the form in which pillars are compiled with them; master and --local share them. */
import type { commonOptions } from '../config/common-options.ts'
import type { Options } from '../config/option.ts'
import { type Plain, toValue } from '../data/value.ts'
import type { PillarSettings } from '../pillar/compile.ts'
import type { PillarMachine } from '../pillar/machine.ts'
import { makePillarMachine } from './pillar-machine.ts'

type CommonOptions = Options<typeof commonOptions>

export function configuredSettings(options: CommonOptions): PillarSettings {
  const { ext_pillar: sources, decrypt_pillar: paths } = options
  return {
    merging: options.pillar_source_merging_strategy,
    mergeLists: options.pillar_merge_lists,
    includesOverride: options.pillar_includes_override_sls,
    ...(sources.length === 0 ? {} : { sources: sourceSettings(options) }),
    ...(paths.length === 0 ? {} : { decrypt: decryptSettings(options) }),
  }
}

function sourceSettings(options: CommonOptions): NonNullable<PillarSettings['sources']> {
  return {
    configured: toValue(options.ext_pillar as Plain),
    excluded: options.exclude_ext_pillar,
    first: options.ext_pillar_first,
    seconds: options.ext_pillar_timeout,
  }
}

function decryptSettings(options: CommonOptions): NonNullable<PillarSettings['decrypt']> {
  return {
    paths: toValue(options.decrypt_pillar as Plain),
    delimiter: options.decrypt_pillar_delimiter,
    standard: options.decrypt_pillar_default,
    allowed: options.decrypt_pillar_renderers,
  }
}

export function configuredMachine(options: CommonOptions): PillarMachine {
  return makePillarMachine({ gpgFolder: options.gpg_keydir, ageIdentities: options.age_identities })
}
