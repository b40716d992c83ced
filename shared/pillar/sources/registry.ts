/** Sources by the names that `ext_pillar` uses. Adding one: its file and a line here. */
import { cmdJson } from './cmd-json.ts'
import { cmdYaml } from './cmd-yaml.ts'
import type { PillarSource } from './contract.ts'
import { fileTree } from './file-tree.ts'
import { httpJson } from './http-json.ts'
import { httpYaml } from './http-yaml.ts'

export const pillarSources: ReadonlyMap<string, PillarSource> = new Map([
  ['cmd_json', cmdJson],
  ['cmd_yaml', cmdYaml],
  ['file_tree', fileTree],
  ['http_json', httpJson],
  ['http_yaml', httpYaml],
])
