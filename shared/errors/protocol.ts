import { defineErrors } from './definition.ts'

export const protocolErrors = defineErrors({})
