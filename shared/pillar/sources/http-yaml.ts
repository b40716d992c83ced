import { loadYaml } from '../../render/yaml.ts'
import { httpSource } from './http.ts'

export const httpYaml = httpSource('YAML', loadYaml)
