/** An option once more, as it stands in the files: for messages that name the place of what is wrong inside of it. */
import { readFileSync } from 'node:fs'
import { isDict, type Value } from '../data/value.ts'
import { loadYaml } from '../render/yaml.ts'
import { configFiles } from './load.ts'

/** @param file the main file of the configuration; undefined: the option stands nowhere, or no more */
export function optionWithPlaces(file: string, name: string): Value | undefined {
  let found: Value | undefined
  for (const path of configFiles(file)) {
    try {
      const options = loadYaml(readFileSync(path, 'utf8'), path)
      if (isDict(options) && options.has(name)) found = options.get(name)
    } catch {
      // The main file may be missing, and one that cannot be read any more has no place to name.
    }
  }
  return found
}
