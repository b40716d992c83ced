/** All grains that tsalt finds out by itself. No process is started and no question goes out to the network. */
import { hostname, machine, networkInterfaces } from 'node:os'
import { type Dict, isList, type Plain, toValue } from '../../shared/data/value.ts'
import { type FactReader, systemFacts } from '../../shared/grains/fact-reader.ts'
import { addressGrains, type Interfaces, nameGrains, resolverGrains } from '../../shared/grains/network.ts'
import { osGrains } from '../../shared/grains/os.ts'
import { kernelGrains, memoryGrains, processorGrains } from '../../shared/grains/processor.ts'
import { hardwareGrains } from './hardware.ts'
import { initGrains } from './init.ts'
import { processGrains, serverId } from './process.ts'
import { virtualGrains } from './virtual.ts'

export interface CoreSettings {
  readonly id: string
  /** As configured: the host that this minion calls its master. */
  readonly master: string
  /** tsalt's own. */
  readonly version: string
}

export function coreGrains(settings: CoreSettings, facts: FactReader = systemFacts): Dict {
  const addresses = addressGrains(facts, networkInterfaces() as Interfaces)
  const ipv4 = addresses.ipv4
  const known: Record<string, Plain> = {
    ...kernelGrains(facts),
    ...osGrains(facts, machine(), process.arch),
    ...processorGrains(facts),
    ...memoryGrains(facts),
    ...virtualGrains(facts),
    ...initGrains(facts),
    ...hardwareGrains(facts),
    ...addresses,
    ...nameGrains(facts, hostname(), isList(ipv4) ? ipv4.map(String) : []),
    ...resolverGrains(facts),
    ...processGrains(facts, process.env),
    id: settings.id,
    master: settings.master,
    server_id: serverId(settings.id),
    tsaltversion: settings.version,
  }
  const grains: Dict = new Map()
  for (const name of Object.keys(known).sort()) grains.set(name, toValue(known[name]))
  return grains
}
