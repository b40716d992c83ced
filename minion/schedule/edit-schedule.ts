/** Adds, changes and removes entries in the file of the schedule, through the changer: an undo brings them back. */
import type { Dict } from '../../shared/data/value.ts'
import { laidOver } from '../../shared/schedule/layers.ts'
import type { ScheduleService } from '../modules/contract.ts'
import type { Changer } from '../system/changer.ts'
import type { Reader } from '../system/reader.ts'
import { formatSchedule, parseSchedule } from './schedule-file.ts'

export type SchedulePort = Pick<ScheduleService, 'file' | 'given' | 'refresh'>

export interface OpenSchedule {
  /** Of the file alone. */
  readonly kept: Dict
  /** Of pillar and configuration. */
  readonly given: Dict
  /** All that is in force. */
  readonly entries: Dict
}

/** @throws TsaltError `schedule-unreadable` */
export async function openSchedule({ file, given }: SchedulePort, look: Reader): Promise<OpenSchedule> {
  const there = await look.files.info(file)
  const text = there ? new TextDecoder().decode(await look.files.read(file)) : ''
  const kept = parseSchedule(text, file)
  const others = given()
  return { kept, given: others, entries: laidOver(others, kept) }
}

/** @param kept what the file is to hold */
export async function keepSchedule(port: SchedulePort, kept: Dict, act: Changer): Promise<void> {
  await act.files.write(port.file, Buffer.from(formatSchedule(kept), 'utf8'), { mode: 0o600 })
  await port.refresh()
}

export function without({ kept }: OpenSchedule, name: string): Dict {
  const rest = new Map(kept)
  rest.delete(name)
  return rest
}
