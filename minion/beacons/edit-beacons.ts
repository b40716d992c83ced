/** Adds, changes and removes beacons in the file of this minion, through the changer: an undo brings them back. */
import type { Dict } from '../../shared/data/value.ts'
import type { BeaconService } from '../modules/contract.ts'
import type { Changer } from '../system/changer.ts'
import type { Reader } from '../system/reader.ts'
import {
  type AllBeacons,
  beaconsInForce,
  formatBeacons,
  type KeptBeacons,
  parseBeacons,
} from './beacons-file.ts'

export type BeaconsPort = Pick<BeaconService, 'file' | 'given' | 'refresh' | 'check'>

export interface OpenBeacons extends AllBeacons {
  readonly kept: KeptBeacons
  readonly pillar: Dict
  readonly configuration: Dict
}

/** @throws TsaltError `beacons-unreadable` */
export async function openBeacons({ file, given }: BeaconsPort, look: Reader): Promise<OpenBeacons> {
  const there = await look.files.info(file)
  const text = there ? new TextDecoder().decode(await look.files.read(file)) : ''
  const kept = parseBeacons(text, file)
  const { pillar, configuration } = given()
  return { ...beaconsInForce(pillar, configuration, kept), kept, pillar, configuration }
}

/** @param kept what the file is to hold */
export async function keepBeacons(port: BeaconsPort, kept: KeptBeacons, act: Changer): Promise<void> {
  await act.files.write(port.file, Buffer.from(formatBeacons(kept), 'utf8'), { mode: 0o600 })
  await port.refresh()
}

export function withEntry({ kept }: OpenBeacons, name: string, value: Dict | Dict[]): KeptBeacons {
  return { ...kept, entries: new Map(kept.entries).set(name, value) }
}

export function withoutEntry({ kept }: OpenBeacons, name: string): KeptBeacons {
  const entries = new Map(kept.entries)
  entries.delete(name)
  const switches = new Map(kept.switches)
  switches.delete(name)
  return { ...kept, entries, switches }
}

export function withSwitch({ kept }: OpenBeacons, name: string, on: boolean): KeptBeacons {
  return { ...kept, switches: new Map(kept.switches).set(name, on) }
}
