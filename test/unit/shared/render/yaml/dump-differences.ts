/** Dumps random data with PyYAML and with ours, and tells where the texts differ. */
import fc from 'fast-check'
import { writeYaml } from '../../../../../shared/render/yaml-writer/emitter.ts'
import { nodeOf } from '../../../../../shared/render/yaml-writer/represent.ts'
import { anyForms, build, type Form, options, ourOptions, type PythonOptions } from './dump-grammar.ts'
import { judge } from './judge.ts'

interface Case {
  readonly value: Form
  readonly options: PythonOptions
}

interface Answer {
  readonly ok?: string
  readonly err?: string
  readonly skip?: string
}

export interface DumpDifference {
  readonly case: Case
  readonly theirs: string
  readonly ours: string
}

function dumpOurs({ value, options: given }: Case): string {
  const settings = ourOptions(given)
  return writeYaml(nodeOf(build(value), settings), settings)
}

export function findDumpDifferences(count: number, seed: number): DumpDifference[] {
  const cases = fc.sample(fc.record({ value: anyForms, options }), { numRuns: count, seed })
  const answers = judge<Answer>('dump', cases)
  const found: DumpDifference[] = []
  for (const [at, one] of cases.entries()) {
    const { ok, err, skip } = answers[at] ?? {}
    if (skip !== undefined) continue
    const theirs = ok ?? `an error: ${err}`
    const ours = dumpOurs(one)
    if (ours !== theirs) found.push({ case: one, theirs, ours })
  }
  return found
}
