/** Grains of the hardware: firmware, serial numbers, disks; and the machine's id. */
import type { Plain } from '../../shared/data/value.ts'
import { type FactReader, firstLine } from '../../shared/grains/fact-reader.ts'

/** Grain → file in /sys/class/dmi/id. Some are readable by root only and missing otherwise. */
const firmware: Readonly<Record<string, string>> = {
  biosversion: 'bios_version',
  biosreleasedate: 'bios_date',
  biosvendor: 'bios_vendor',
  manufacturer: 'sys_vendor',
  productname: 'product_name',
  serialnumber: 'product_serial',
  uuid: 'product_uuid',
  boardname: 'board_name',
}

const madeOfNothing = /^(?:loop|ram|zram|dm-|md|sr|fd)\d+/

export function hardwareGrains(facts: FactReader): Record<string, Plain> {
  const grains: Record<string, Plain> = {}
  for (const [grain, file] of Object.entries(firmware)) {
    const value = firstLine(facts, `/sys/class/dmi/id/${file}`)
    if (value !== undefined) grains[grain] = grain === 'uuid' ? value.toLowerCase() : value
  }
  const disks: string[] = []
  const ssds: string[] = []
  for (const name of facts.names('/sys/block')) {
    if (madeOfNothing.test(name)) continue
    const rotational = firstLine(facts, `/sys/block/${name}/queue/rotational`)
    if (rotational === '1') disks.push(name)
    else if (rotational === '0') ssds.push(name)
  }
  const machineId = firstLine(facts, '/etc/machine-id') ?? firstLine(facts, '/var/lib/dbus/machine-id')
  return { ...grains, disks, ssds, ...(machineId === undefined ? {} : { machine_id: machineId }) }
}
