/** The file of static grains, `/etc/tsalt/grains`: read at every refresh, written by grains.set. */
import { readFileSync } from 'node:fs'
import type { Logger } from 'pino'
import { type Dict, isDict, type Value } from '../../shared/data/value.ts'
import { describeError, TsaltError } from '../../shared/errors/error.ts'
import { loadYaml } from '../../shared/render/yaml.ts'
import { writeFileAtomicSync } from '../system/atomic-file.ts'
import { grainsText, withGrain } from './grain-path.ts'

/** @throws TsaltError of YAML, or `grain-failed` where it is not a mapping */
export function readGrainsFile(path: string): Dict {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map()
    throw new TsaltError('grain-failed', { file: path, reason: describeError(error) })
  }
  const value = loadYaml(text, path)
  if (value === null) return new Map()
  if (!isDict(value)) throw new TsaltError('grain-failed', { file: path, reason: 'it is not a mapping' })
  return value
}

/** As readGrainsFile, for a start or refresh: a broken file is logged and left out. */
export function staticGrains(path: string, log: Logger): Dict {
  try {
    return readGrainsFile(path)
  } catch (error) {
    log.error({ err: error, file: path }, 'the static grains are left out')
    return new Map()
  }
}

/**
 * Sets `a:b:c` and writes the file; null removes the key. Comments of the file do not survive it.
 * @throws TsaltError where the file is broken or can't be written
 */
export function setStaticGrain(path: string, key: string, value: Value): void {
  const after = withGrain(readGrainsFile(path), key.split(':'), value === null ? undefined : value)
  writeFileAtomicSync(path, grainsText(after), { mode: 0o640 })
}
