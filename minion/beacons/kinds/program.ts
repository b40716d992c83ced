/** Beacons that a program `_beacons/NAME` of the tree answers: its configuration as JSON, then an event on each line. */
import { decodeValue, type Json } from '../../../shared/data/codec.ts'
import { type Dict, isDict, toPlain, type Value } from '../../../shared/data/value.ts'
import { TsaltError } from '../../../shared/errors/error.ts'
import type { Program } from '../../programs/exchange.ts'
import { requireOwnProgram } from '../../programs/own-program.ts'
import type { Sight, Surroundings, Watch } from '../contract.ts'

/** Seconds between two looks, where the configuration says nothing. */
export const programInterval = 10
/** Milliseconds. */
const timeout = 30_000
const maxOutput = 1024 * 1024

export interface BeaconProgram extends Program {
  /** Of the beacon. */
  readonly name: string
}

/** @param config as it is configured */
export function programWatch(program: BeaconProgram, config: Value): (around: Surroundings) => Watch {
  const { name, path, file } = program
  const failure = (reason: string): TsaltError => new TsaltError('program-failed', { file, reason })
  return ({ run, id, grains, pillar }) => ({
    async look() {
      try {
        requireOwnProgram(path)
      } catch (error) {
        throw failure(error instanceof Error ? error.message : String(error))
      }
      const request: Dict = new Map<string, Value>([
        ['beacon', name],
        ['config', config],
        ['id', id],
        ['grains', grains()],
        ['pillar', pillar()],
      ])
      const stdin = `${JSON.stringify(toPlain(request))}\n`
      const result = await run([path], { stdin, timeout, maxOutput, cwd: '/' })
      if (result.timedOut) throw failure(`it took longer than ${timeout / 1000} s`)
      if (result.dropped > 0) throw failure(`it printed more than ${maxOutput} bytes`)
      if (result.code !== 0) {
        const said = result.stderr.trim().slice(-500)
        throw failure(`exit code ${result.code}${said === '' ? '' : `: ${said}`}`)
      }
      return result.stdout.split('\n').flatMap((line) => {
        if (line.trim() === '') return []
        const sight = sightOf(line)
        if (sight === undefined)
          throw failure(`a line that it printed is no JSON object: "${line.slice(0, 100)}"`)
        return [sight]
      })
    },
  })
}

/** `tag` of the object is that of the event. */
function sightOf(line: string): Sight | undefined {
  let value: Value
  try {
    value = decodeValue(JSON.parse(line) as Json)
  } catch {
    return undefined
  }
  if (!isDict(value)) return undefined
  const { tag, data } = { tag: value.get('tag'), data: new Map(value) }
  if (typeof tag !== 'string') return { data }
  data.delete('tag')
  return { tag, data }
}
