import { defineErrors } from './definition.ts'

export const fileErrors = defineErrors({})
