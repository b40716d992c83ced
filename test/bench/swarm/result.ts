/** What a scenario found out, beside the budget of the issue. */
export interface Result {
  readonly what: string
  readonly figure: string
  readonly budget: string
  /** undefined: there is no budget for it. */
  readonly holds: boolean | undefined
}

/** A figure that has to be at most a limit; limits hold for `full` minions and are not judged for fewer. */
export function atMost(what: string, value: number, unit: string, limit: number, digits = 0): Result {
  const figure = `${value.toFixed(digits)} ${unit}`
  return { what, figure, budget: `${limit} ${unit}`, holds: value <= limit }
}

export const noted = (what: string, figure: string): Result => ({
  what,
  figure,
  budget: '',
  holds: undefined,
})

export function table(results: readonly Result[]): string {
  const verdict = (holds: boolean | undefined): string => (holds === undefined ? '' : holds ? 'yes' : 'NO')
  const rows = results.map(({ what, figure, budget, holds }) => [what, figure, budget, verdict(holds)])
  return [['what', 'figure', 'at most', 'holds'], ['---', '---', '---', '---'], ...rows]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n')
}
