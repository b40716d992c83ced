/** What LVM reports of its volumes, and names of volumes. */
import { readText } from '../../../shared/schema/scalars.ts'
import { describeValue, Mismatch, shaped } from '../../../shared/schema/shaped.ts'
import type { Reader } from '../../system/reader.ts'
import { type Decision, failed, type StateRun } from '../contract.ts'
import { requireProgram } from '../required-program.ts'
import { saidBy } from '../said-by.ts'

export const volumeName = shaped<string>({
  words: 'name',
  json: { type: 'string' },
  read(value) {
    const read = readText(value)
    return read !== undefined && /^[A-Za-z0-9_+.][\w+.-]{0,126}$/.test(read)
      ? read
      : new Mismatch(`a name such as data is expected, not ${describeValue(value)}`)
  },
})

/** Rows of `pvs`, `vgs` or `lvs`, cells by their order. @returns a decision where LVM cannot be asked */
export async function rows(
  program: 'pvs' | 'vgs' | 'lvs',
  columns: string,
  look: Reader,
  run: StateRun,
): Promise<string[][] | Decision> {
  const lacking = await requireProgram({ program, package: 'lvm2' }, look, run)
  if (lacking) return lacking
  const result = await look.commands.query([
    program,
    '--noheadings',
    '--nosuffix',
    '--units',
    'b',
    '--separator',
    '|',
    '-o',
    columns,
  ])
  if (result.code !== 0) return failed(`LVM does not answer: ${saidBy(result)}`)
  return result.stdout
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.trim().split('|'))
}

export const isRows = (found: string[][] | Decision): found is string[][] => Array.isArray(found)
