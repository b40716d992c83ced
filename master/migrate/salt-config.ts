/** Salt's own configuration, as far as it says where the trees are and how they are compiled. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Dict, isDict, isList, type Value } from '../../shared/data/value.ts'
import type { CompileSettings } from '../../shared/sls/compiled.ts'
import { readDict, settings } from './inputs.ts'
import type { Roots } from './local-tree.ts'

export interface SaltConfig {
  readonly states: Roots | undefined
  readonly pillars: Roots | undefined
  readonly settings: CompileSettings
}

/**
 * Reads `FILE` and `FILE.d/*.conf`, later ones win.
 * @throws TsaltError `migrate-input-invalid`, or of YAML
 */
export function readSaltConfig(file: string): SaltConfig {
  const options: Dict = new Map()
  for (const path of [file, ...extraFiles(`${file}.d`)])
    for (const [key, value] of readDict(path, () => false)) options.set(key, value)
  const merging = options.get('top_file_merging_strategy')
  const nodegroups = options.get('nodegroups')
  return {
    states: rootsOf(options.get('file_roots')),
    pillars: rootsOf(options.get('pillar_roots')),
    settings: {
      ...settings,
      stateTop: textOf(options.get('state_top')) ?? settings.stateTop,
      defaultTop: textOf(options.get('default_top')) ?? settings.defaultTop,
      renderer: textOf(options.get('renderer')) ?? settings.renderer,
      environmentOrder: listOf(options.get('env_order')),
      ...(merging === 'merge_all' || merging === 'same' ? { topMerging: merging } : {}),
      ...(isDict(nodegroups) ? { nodegroups } : {}),
    },
  }
}

function extraFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.conf'))
      .sort()
      .map((name) => join(folder, name))
  } catch {
    // There is no such folder.
    return []
  }
}

function rootsOf(value: Value | undefined): Roots | undefined {
  if (!isDict(value)) return undefined
  return Object.fromEntries([...value].map(([name, folders]) => [String(name), listOf(folders)]))
}

const listOf = (value: Value | undefined): string[] => (isList(value) ? value.map(String) : [])
const textOf = (value: Value | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined
