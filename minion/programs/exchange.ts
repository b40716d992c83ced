/** How programs of the tree are called: JSON on their standard input, JSON on their standard output. */
import { decodeValue, type Json } from '../../shared/data/codec.ts'
import { type Dict, toPlain, type Value } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import type { CommandOptions, CommandResult } from '../system/reader.ts'
import { requireOwnProgram } from './own-program.ts'

/** Milliseconds. */
const timeout = 120_000
const maxOutput = 16 * 1024 * 1024

export interface Program {
  /** Where it lies on this machine. */
  readonly path: string
  /** `salt://_modules/name`, for messages. */
  readonly file: string
}

type Run = (command: readonly string[], options: CommandOptions) => Promise<CommandResult>

/** @throws TsaltError `program-failed` */
export async function callProgram(program: Program, request: Dict, run: Run): Promise<Value> {
  const { path, file } = program
  try {
    requireOwnProgram(path)
  } catch (error) {
    throw failure(file, error instanceof Error ? error.message : String(error))
  }
  const stdin = `${JSON.stringify(toPlain(request))}\n`
  const result = await run([path], { stdin, timeout, maxOutput, cwd: '/' })
  if (result.timedOut) throw failure(file, `it took longer than ${timeout / 1000} s`)
  if (result.dropped > 0) throw failure(file, `it printed more than ${maxOutput} bytes`)
  if (result.code !== 0) {
    const said = result.stderr.trim().slice(-500)
    throw failure(file, said === '' ? `exit code ${result.code}` : `exit code ${result.code}: ${said}`)
  }
  try {
    return decodeValue(JSON.parse(result.stdout) as Json)
  } catch {
    const said = result.stdout.trim().slice(0, 100)
    throw failure(file, said === '' ? 'it printed nothing' : `it did not print JSON but "${said}"`)
  }
}

function failure(file: string, reason: string): TsaltError {
  return new TsaltError('program-failed', { file, reason })
}
