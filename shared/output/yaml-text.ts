/** YAML as Salt prints it, which is as PyYAML writes it; nothing in it that a terminal obeys. */
import type { Value } from '../data/value.ts'
import { writeYaml } from '../render/yaml-writer/emitter.ts'
import { writerDefaults } from '../render/yaml-writer/nodes.ts'
import { nodeOf } from '../render/yaml-writer/represent.ts'

const options = { ...writerDefaults, forTerminals: true }

/** Block style, keys sorted, a newline at the end. */
export function yamlText(value: Value): string {
  return writeYaml(nodeOf(value, options), options)
}
