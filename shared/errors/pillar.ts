/** Errors of compiling a pillar. */
import { defineErrors } from './definition.ts'

export const pillarErrors = defineErrors({
  'pillar-sls-missing': {
    message: 'Pillar SLS "{sls}" is not in environment "{environment}".',
    exit: 1,
    http: 400,
    hint: 'Make the file, correct the name, or write "- ignore_missing: True" below the target.',
  },
  'pillar-sls-invalid': {
    message: 'Pillar SLS "{sls}": {reason}.',
    exit: 1,
    http: 400,
    hint: 'A pillar SLS is a mapping.',
  },
  'pillar-include-invalid': {
    message: 'Include in pillar SLS "{sls}": {reason}.',
    exit: 1,
    http: 400,
    hint: 'Write a list of names; "key" and "defaults" go below a name with a colon.',
  },
})
