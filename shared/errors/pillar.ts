import { defineErrors } from './definition.ts'

export const pillarErrors = defineErrors({})
