import { defineErrors } from './definition.ts'

export const languageErrors = defineErrors({})
