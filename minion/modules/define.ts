/** Execution functions in few words: one that looks, one that changes. */
import * as v from 'valibot'
import type { Plain } from '../../shared/data/value.ts'
import { type Answer, type ExecFunction, execFunction, type ModuleContext } from './contract.ts'

type Given<Entries extends v.ObjectEntries> = v.InferOutput<v.StrictObjectSchema<Entries, undefined>>
type Run<Entries extends v.ObjectEntries> = (
  given: Given<Entries>,
  context: ModuleContext,
) => Promise<Plain | Answer>
type More = Pick<ExecFunction, 'rest' | 'restKeywords' | 'whileRendering' | 'besideRuns'>

/** @param example what follows `tsalt '*' ` */
export function asking<Entries extends v.ObjectEntries>(
  summary: string,
  example: string,
  entries: Entries,
  run: Run<Entries>,
  more: More = {},
): ExecFunction {
  const args = v.strictObject(entries)
  return execFunction({ summary, args, examples: [`tsalt '*' ${example}`], readOnly: true, run, ...more })
}

/** As asking, of a function that changes the machine. */
export function changing<Entries extends v.ObjectEntries>(
  summary: string,
  example: string,
  entries: Entries,
  run: Run<Entries>,
  more: More = {},
): ExecFunction {
  const args = v.strictObject(entries)
  return execFunction({ summary, args, examples: [`tsalt '*' ${example}`], readOnly: false, run, ...more })
}
