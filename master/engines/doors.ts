/** What runners may ask of engines. Each engine that runs fills in its own door. */
import type { ReactorDoor } from '../reactor/reactor-door.ts'
import type { ScheduleDoor } from '../schedule/schedule-door.ts'

export interface EngineDoors {
  reactor?: ReactorDoor
  schedule?: ScheduleDoor
}
