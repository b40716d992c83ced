/** Grains from executables: each prints a mapping as JSON or YAML. One that fails is left out and said so. */
import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { decodeValue, type Json } from '../../shared/data/codec.ts'
import { type Dict, isDict, type Value } from '../../shared/data/value.ts'
import { describeError, TsaltError } from '../../shared/errors/error.ts'
import { runGroup } from '../../shared/process-group.ts'
import { loadYaml } from '../../shared/render/yaml.ts'
import { requireOwnProgram } from '../programs/own-program.ts'

const timeout = 10_000
const maxOutput = 1_048_576
const someoneMayRun = 0o111

/** @returns one mapping for each executable of the folder that worked, in the order of names */
export async function executableGrains(folder: string, log: Logger): Promise<Dict[]> {
  const results = await Promise.all(
    programsIn(folder).map(async (path) => {
      try {
        return await grainsOf(path)
      } catch (error) {
        const failure = new TsaltError('grain-failed', { file: path, reason: describeError(error) })
        log.error({ err: failure, file: path }, failure.message)
        return undefined
      }
    }),
  )
  return results.filter((grains) => grains !== undefined)
}

function programsIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith('.') && !name.endsWith('~'))
      .sort()
      .map((name) => join(folder, name))
      .filter((path) => lstatSync(path).isFile() && (lstatSync(path).mode & someoneMayRun) !== 0)
  } catch {
    // No such folder: there are none.
    return []
  }
}

async function grainsOf(path: string): Promise<Dict> {
  requireOwnProgram(path)
  const env = { PATH: process.env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8', HOME: '/' }
  const result = await runGroup([path], { timeout, maxOutput, env, cwd: '/' })
  if (result.timedOut) throw new Error(`it took longer than ${timeout / 1000} s`)
  if (result.code !== 0) {
    const said = result.stderr.trim().slice(0, 500)
    throw new Error(said === '' ? `exit code ${result.code}` : `exit code ${result.code}: ${said}`)
  }
  if (result.dropped > 0) throw new Error(`it printed more than ${maxOutput} bytes`)
  const value = parseOutput(result.stdout, path)
  if (!isDict(value)) throw new Error('it did not print a mapping')
  return value
}

/** JSON where it is JSON, else YAML (of which JSON with tabs is no part). */
function parseOutput(text: string, path: string): Value {
  if (text.trimStart().startsWith('{')) {
    try {
      return decodeValue(JSON.parse(text) as Json)
    } catch {
      // A YAML flow mapping: `{level: staging}`.
    }
  }
  return loadYaml(text, path)
}
