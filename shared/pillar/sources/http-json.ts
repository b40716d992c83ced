import { loadJson } from '../../render/json.ts'
import { httpSource } from './http.ts'

export const httpJson = httpSource('JSON', loadJson)
