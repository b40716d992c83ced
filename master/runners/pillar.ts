/** Runner `pillar`: what a minion is told, for the operator's eyes. */
import * as v from 'valibot'
import type { Place } from '../../shared/data/place.ts'
import { marksOf } from '../../shared/data/provenance.ts'
import { isDict, isList, type Key, type Plain, type Value } from '../../shared/data/value.ts'
import { describeError, isTsaltError, TsaltError } from '../../shared/errors/error.ts'
import { parseMinionId } from '../../shared/ids.ts'
import { RunnerAnswer, runner, runnerFunction } from './contract.ts'

const minion = v.pipe(v.string(), v.description('Id of the minion.'))
const pillarenv = v.optional(v.pipe(v.string(), v.description('Only this environment.')))

export const pillar = runner({
  summary: 'What a minion is told.',
  functions: {
    show_pillar: runnerFunction({
      summary: "Compiles a minion's pillar as it would be now, secrets included.",
      args: v.strictObject({ minion, pillarenv }),
      ignored: ['saltenv'],
      examples: ['tsalt-run pillar.show_pillar web1', 'tsalt-run pillar.show_pillar web1 pillarenv=base'],
      async run({ minion, pillarenv }, { pillars }) {
        const shown = await pillars.show(parseMinionId(minion), pillarenv)
        if (shown.errors.length === 0) return shown.pillar
        const whole = new Map<string, Plain>()
        for (const [key, value] of shown.pillar) whole.set(String(key), value)
        return new RunnerAnswer(whole.set('_errors', shown.errors.map(describeError)), 1)
      },
    }),
    show_top: runnerFunction({
      summary: 'Which pillar SLS the top files give a minion, by environment.',
      args: v.strictObject({ minion, pillarenv }),
      examples: ['tsalt-run pillar.show_top web1'],
      async run({ minion, pillarenv }, { pillars }) {
        const { top } = await pillars.show(parseMinionId(minion), pillarenv)
        return new Map([...top].map(([environment, names]) => [environment, [...names]]))
      },
    }),
    why: runnerFunction({
      summary: 'Where values of a pillar come from: file, line and column that won, and those that lost.',
      args: v.strictObject({
        minion,
        key: v.pipe(v.string(), v.description('Key, `a:b` for one inside another.')),
        pillarenv,
      }),
      examples: ['tsalt-run pillar.why web1 redis:port', 'tsalt-run pillar.why web1 redis'],
      async run({ minion, key, pillarenv }, { pillars }) {
        const { pillar, secrets } = await pillars.show(parseMinionId(minion), pillarenv)
        const found = explain(pillar, key, new Set(secrets))
        if (found.size === 0) throw new TsaltError('pillar-key-missing', { key })
        return found
      },
    }),
    lint: runnerFunction({
      summary:
        'Compiles the pillars of one minion or of all, and lists mistakes and secrets that grains could choose.',
      args: v.strictObject({
        minion: v.optional(
          v.pipe(v.string(), v.description('Id of the minion; all accepted ones without it.')),
        ),
        pillarenv,
      }),
      examples: ['tsalt-run pillar.lint', 'tsalt-run pillar.lint web1'],
      async run({ minion, pillarenv }, { pillars, accepted }) {
        const ids = minion === undefined ? accepted().map(({ id }) => id) : [parseMinionId(minion)]
        const byProblem = new Map<string, string[]>()
        for (const id of ids) {
          const shown = await pillars.show(id, pillarenv).catch((error: unknown) => {
            // Accepted, and never connected: there are no grains to compile with.
            if (minion === undefined && isTsaltError(error) && error.code === 'minion-never-seen')
              return undefined
            throw error
          })
          for (const problem of [...(shown?.errors ?? []), ...(shown?.warnings ?? [])])
            note(byProblem, describeError(problem), id)
        }
        const problems = [...byProblem].map(
          ([problem, who]) =>
            new Map<string, Plain>([
              ['problem', problem],
              ['minions', who],
            ]),
        )
        return new RunnerAnswer(problems, problems.length === 0 ? 0 : 1)
      },
    }),
  },
})

function note(byProblem: Map<string, string[]>, problem: string, id: string): void {
  const known = byProblem.get(problem)
  if (known === undefined) byProblem.set(problem, [id])
  else known.push(id)
}

/** Every leaf at or below a key, with its value and its places. */
function explain(pillar: Value, key: string, secrets: ReadonlySet<string>): Map<string, Plain> {
  const found = new Map<string, Plain>()
  let container: Value | undefined
  let at: Key | undefined
  let value: Value | undefined = pillar
  for (const step of key.split(':')) {
    container = value
    at = stepOf(container, step)
    value = at === undefined ? undefined : item(container, at)
    if (value === undefined) return found
  }
  walk(container, at ?? null, value, key)
  return found

  function walk(inside: Value | undefined, name: Key, leaf: Value, path: string): void {
    const entries = isDict(leaf) || isList(leaf) ? ([...leaf.entries()] as [Key, Value][]) : []
    for (const [next, below] of entries) walk(leaf, next, below, `${path}:${String(next)}`)
    if (entries.length > 0) return
    const marks = marksOf(inside)
    const said = new Map<string, Plain>([
      ['value', secrets.has(path) ? '**********' : leaf],
      ['from', placed(marks?.valueAt(name))],
    ])
    const lost = marks?.lostAt?.(name) ?? []
    if (lost.length > 0) said.set('instead_of', lost.map(placed))
    found.set(path, said)
  }
}

const placed = (place: Place | undefined): string =>
  place === undefined ? 'unknown' : `${place.file}:${place.line}:${place.column}`

function stepOf(container: Value | undefined, step: string): Key | undefined {
  if (isDict(container))
    return container.has(step) ? step : container.has(Number(step)) ? Number(step) : undefined
  return isList(container) && /^\d+$/.test(step) ? Number(step) : undefined
}

function item(container: Value | undefined, key: Key): Value | undefined {
  if (isDict(container)) return container.get(key)
  return isList(container) ? container[Number(key)] : undefined
}
