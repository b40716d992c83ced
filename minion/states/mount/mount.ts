/** mount.*: file systems, swap, and their table. */
import { stateModule } from '../contract.ts'
import { mounted, unmounted } from './mounted.ts'
import { fstabAbsent, fstabPresent, swap } from './table.ts'

export const mount = stateModule({
  summary: 'File systems, swap, and their table.',
  functions: { mounted, unmounted, swap, fstab_present: fstabPresent, fstab_absent: fstabAbsent },
})
