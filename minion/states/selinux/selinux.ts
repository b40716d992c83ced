/** selinux.*: the mode of SELinux, its switches, and the labels of files. */
import { stateModule } from '../contract.ts'
import { boolean } from './boolean.ts'
import { fcontextAbsent, fcontextPresent } from './fcontext.ts'
import { mode } from './mode.ts'

export const selinux = stateModule({
  summary: 'The mode of SELinux, its switches and the labels of files; not verified on a real host.',
  functions: {
    mode,
    boolean,
    fcontext_policy_present: fcontextPresent,
    fcontext_policy_absent: fcontextAbsent,
  },
})
