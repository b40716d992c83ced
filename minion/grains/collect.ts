/** This minion's grains in Salt's layers, later ones win: found out, synced, grains.d, configuration, static file. */
import type { Logger } from 'pino'
import { type Dict, isDict, type Plain, toValue } from '../../shared/data/value.ts'
import { type CoreSettings, coreGrains } from './core.ts'
import { executableGrains } from './executables.ts'
import { staticGrains } from './static-file.ts'

export interface GrainSettings extends CoreSettings {
  /** Where `_grains/` of the tree is copied to. */
  readonly syncedFolder: string
  readonly executablesFolder: string
  /** The option `grains`. */
  readonly configured: Readonly<Record<string, unknown>>
  readonly staticFile: string
  readonly log: Logger
}

export async function collectGrains(settings: GrainSettings): Promise<Dict> {
  const { log } = settings
  const grains = coreGrains(settings)
  const configured = toValue(settings.configured as Plain)
  const layers = [
    ...(await executableGrains(settings.syncedFolder, log)),
    ...(await executableGrains(settings.executablesFolder, log)),
    staticGrains(settings.staticFile, log),
    ...(isDict(configured) ? [configured] : []),
  ]
  for (const layer of layers) for (const [key, value] of layer) grains.set(key, value)
  // Who this is comes from the configuration and the certificate, never from a layer.
  grains.set('id', settings.id)
  return grains
}
