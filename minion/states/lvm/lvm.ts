/** lvm.*: physical volumes, groups of them, and logical volumes. */
import { stateModule } from '../contract.ts'
import { pvAbsent, pvPresent, vgAbsent, vgPresent } from './groups.ts'
import { lvAbsent, lvPresent } from './logical.ts'

export const lvm = stateModule({
  summary: 'Volumes of LVM: physical volumes, groups of them, and logical volumes.',
  functions: {
    pv_present: pvPresent,
    pv_absent: pvAbsent,
    vg_present: vgPresent,
    vg_absent: vgAbsent,
    lv_present: lvPresent,
    lv_absent: lvAbsent,
  },
})
