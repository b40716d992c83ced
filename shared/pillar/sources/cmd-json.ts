import { loadJson } from '../../render/json.ts'
import { commandSource } from './command.ts'

export const cmdJson = commandSource('JSON', loadJson)
