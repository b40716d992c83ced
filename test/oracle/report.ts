/** What was found, as lines: each difference, then the counts, and last the one that is read by programs. */
import type { TsaltError } from '../../shared/errors/error.ts'
import type { Answers, SlsAnswer } from './answers.ts'
import { firstOf, type Verdict } from './judge.ts'
import type { TemplateVerdict } from './judge-template.ts'

export interface Findings {
  readonly answers: Answers
  readonly verdicts: ReadonlyMap<string, Verdict>
  /** Of SLS with equal low data that tsalt would run: the first difference in the order of calls. */
  readonly runs: ReadonlyMap<string, string | undefined>
  /** In the order of the answers. */
  readonly templates: readonly TemplateVerdict[]
}

export function* report(findings: Findings): Generator<string> {
  const { answers, verdicts, runs, templates } = findings
  for (const [name, verdict] of verdicts) {
    const answer = answers.sls.get(name)
    const text = answer && textOf(verdict, answer)
    if (text !== undefined) yield `${name} (${answer?.file}): ${text}`
  }
  yield* refusedToRun(verdicts)
  for (const [name, difference] of runs) if (difference) yield `run of ${name}: ${difference}`
  for (const [index, verdict] of templates.entries()) {
    const answer = answers.templates[index]
    if (verdict.kind === 'different')
      yield `template ${answer?.source} of ${answer?.id}: ${verdict.difference}`
    if (verdict.kind === 'missing') yield `template ${answer?.source} of ${answer?.id}: there is no such file`
  }
  yield* counts(findings)
}

function textOf(verdict: Verdict, answer: SlsAnswer): string | undefined {
  switch (verdict.kind) {
    case 'different':
      return `different: ${verdict.difference}`
    case 'refused-by-us':
      return `refused by us alone: ${firstOf(verdict.errors)}`
    case 'refused-otherwise':
      return `refused otherwise: ours ${firstOf(verdict.errors)}; Salt's ${answer.errorKind}: ${answer.summary}`
    case 'refused-by-salt':
      return `refused by Salt alone: ${answer.errorKind}: ${answer.summary}`
    default:
      return undefined
  }
}

/** What Salt compiles and then stumbles over, or never notices: tsalt says it before anything runs. */
function* refusedToRun(verdicts: ReadonlyMap<string, Verdict>): Generator<string> {
  const byCode = new Map<string, { count: number; example: TsaltError; name: string }>()
  for (const [name, verdict] of verdicts) {
    if (verdict.kind !== 'equal') continue
    for (const code of new Set(verdict.refused.map((error) => error.code))) {
      const example = verdict.refused.find((error) => error.code === code) as TsaltError
      const known = byCode.get(code) ?? { count: 0, example, name }
      byCode.set(code, { ...known, count: known.count + 1 })
    }
  }
  for (const [code, { count, example, name }] of byCode)
    yield `would not run: ${count} with ${code}, as ${name}: ${firstOf([example]).split('\n')[0]}`
}

function* counts({ verdicts, runs, templates }: Findings): Generator<string> {
  const all = [...verdicts.values()]
  const count = (kind: Verdict['kind']): number => all.filter((one) => one.kind === kind).length
  const equal = count('equal') + count('refused-alike')
  const impure = all.filter((one) => one.kind === 'impure')
  const replayed = impure.filter((one) => one.kind === 'impure' && one.replayed).length
  const compat = all.filter((one) => one.kind === 'equal' && one.compat).length
  yield `equal low data: ${count('equal')}${compat === 0 ? '' : ` (${compat} of them with salt_compat: True)`}`
  yield `different: ${count('different')}`
  yield `refused alike: ${count('refused-alike')}`
  yield `refused otherwise: ${count('refused-otherwise')}`
  yield `refused by us alone: ${count('refused-by-us')}`
  yield `refused by Salt alone: ${count('refused-by-salt')}`
  yield `impure: ${impure.length} (given Salt's answers, ${replayed} are equal)`
  yield `needs Python: ${count('python')}`
  const refused = all.filter((one) => one.kind === 'equal' && one.refused.length > 0).length
  yield `equal, but tsalt would refuse to run it: ${refused}`
  const alike = [...runs.values()].filter((difference) => difference === undefined).length
  yield `run: ${alike} of ${runs.size} called in the same order`
  const judged = templates.filter(({ kind }) => kind !== 'asks')
  const same = judged.filter(({ kind }) => kind === 'equal' || kind === 'refused-alike').length
  const asked = new Set(templates.flatMap((one) => (one.kind === 'asks' ? [one.what] : [])))
  const apart =
    asked.size === 0 ? '' : `; ${templates.length - judged.length} ask for ${[...asked].join(', ')}`
  yield `templates: ${same} of ${judged.length}${apart}`
  yield `oracle: ${equal} of ${all.length - impure.length - count('python')}`
}
