import { defineErrors } from './definition.ts'

export const jobErrors = defineErrors({})
