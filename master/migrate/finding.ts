/** What `tsalt migrate check` finds, and under which heading. */
import type { Place } from '../../shared/data/place.ts'

export interface GroupMeaning {
  readonly title: string
  /** One sentence for the owner of the tree. */
  readonly meaning: string
  /** `mend`: the tree does not run as it is; `know`: it runs, and differs; `ask`: only the machine knows. */
  readonly weight: 'mend' | 'know' | 'ask'
}

export const groups = {
  compile: {
    title: 'Does not compile',
    meaning: 'tsalt refuses the run before it touches anything.',
    weight: 'mend',
  },
  data: {
    title: 'Values that this minion does not have',
    meaning:
      'Templates fail where their pillar or grains are missing, in Salt as well: give those of a real minion with --pillar, --grains and --id.',
    weight: 'ask',
  },
  state: {
    title: 'State functions that tsalt does not have',
    meaning: 'A run with one of these is refused.',
    weight: 'mend',
  },
  argument: {
    title: 'Arguments that a state function does not have',
    meaning: 'Salt ignores what it does not know; tsalt refuses it.',
    weight: 'mend',
  },
  renderer: {
    title: 'Files that are programs',
    meaning: 'Renderers that run Python are refused.',
    weight: 'mend',
  },
  python: {
    title: 'Python modules of the tree',
    meaning:
      'They cannot run in tsalt; an executable of the same name beside the file (JSON in, JSON out) can stand in.',
    weight: 'mend',
  },
  function: {
    title: 'Execution functions that templates call and tsalt does not have',
    meaning: 'A template that comes to such a call fails.',
    weight: 'mend',
  },
  filter: {
    title: 'Filters and tests that tsalt does not have',
    meaning: 'A template with one of these cannot be read.',
    weight: 'mend',
  },
  together: {
    title: 'Requisites on states of other SLS files',
    meaning: 'Refused when the SLS is applied alone; Salt fails that one state in the middle of the run.',
    weight: 'know',
  },
  different: {
    title: 'Works differently',
    meaning: 'See docs/guide/differences-from-salt.md.',
    weight: 'know',
  },
  untold: {
    title: 'Cannot be told without the machine',
    meaning: 'These fail here after a call to the machine that was answered with nothing.',
    weight: 'ask',
  },
  machine: {
    title: 'Templates that ask the machine',
    meaning: 'Answered with nothing here, so the branches behind them were not looked at.',
    weight: 'ask',
  },
} as const satisfies Readonly<Record<string, GroupMeaning>>

export type Group = keyof typeof groups

export interface Finding {
  readonly group: Group
  /** What is counted: `file.replace`, an error code, a difference. */
  readonly subject: string
  readonly message: string
  readonly hint: string | undefined
  readonly place: Place | undefined
}

/** Findings in the order in which they came, each place once for each subject. */
export class Findings {
  readonly #all = new Map<string, Finding>()
  /** From the path of a file in its tree to where it lies. */
  locate: (file: string) => string = (file) => file

  add(finding: Omit<Finding, 'hint'> & { readonly hint?: string | undefined }): void {
    const { group, subject, message, hint } = finding
    const place = finding.place && { ...finding.place, file: this.locate(finding.place.file) }
    const at = place === undefined ? message : `${place.file}:${place.line}:${place.column}`
    const key = `${group} ${subject} ${at}`
    if (!this.#all.has(key)) this.#all.set(key, { group, subject, message, hint, place })
  }

  get all(): readonly Finding[] {
    return [...this.#all.values()]
  }
}
