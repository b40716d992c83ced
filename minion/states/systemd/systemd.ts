/** systemd.*: units of systemd as a family. */
import { stateModule } from '../contract.ts'
import { unit } from './unit.ts'
import { unitAbsent } from './unit-absent.ts'

export const systemd = stateModule({
  summary: 'Unit files of systemd, their drop-ins and instances.',
  functions: { unit, unit_absent: unitAbsent },
})
