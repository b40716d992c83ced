import { loadYaml } from '../../render/yaml.ts'
import { commandSource } from './command.ts'

export const cmdYaml = commandSource('YAML', loadYaml)
