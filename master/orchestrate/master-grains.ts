/** Grains of the machine that the master runs on, for templates of orchestrations and its pillar. */
import { hostname, machine, networkInterfaces } from 'node:os'
import { type Dict, isList, type Plain, toValue } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { type FactReader, systemFacts } from '../../shared/grains/fact-reader.ts'
import { addressGrains, type Interfaces, nameGrains } from '../../shared/grains/network.ts'
import { osGrains } from '../../shared/grains/os.ts'
import { kernelGrains, memoryGrains, processorGrains } from '../../shared/grains/processor.ts'
import { isMinionId, type MinionId } from '../../shared/ids.ts'
import { version } from '../../shared/version.ts'

/** As Salt names it: `<host>_master`. @throws TsaltError `orchestration-name` */
export function masterName(host: string = hostname()): MinionId {
  const id = `${host.toLowerCase()}_master`
  if (!isMinionId(id)) throw new TsaltError('orchestration-name', { id: id.slice(0, 80) })
  return id
}

export function masterGrains(id: MinionId, facts: FactReader = systemFacts): Dict {
  const addresses = addressGrains(facts, networkInterfaces() as Interfaces)
  const ipv4 = isList(addresses.ipv4) ? addresses.ipv4.map(String) : []
  const known: Record<string, Plain> = {
    ...kernelGrains(facts),
    ...osGrains(facts, machine(), process.arch),
    ...processorGrains(facts),
    ...memoryGrains(facts),
    ...addresses,
    ...nameGrains(facts, hostname(), ipv4),
    id,
    tsaltversion: version,
  }
  const grains: Dict = new Map()
  for (const name of Object.keys(known).sort()) grains.set(name, toValue(known[name]))
  return grains
}
