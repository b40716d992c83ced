/** How keys are printed: Salt's four lists (and the revoked ones), plain, with fingerprints, or as data. */
import type { Plain } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { type Fingerprint, formatFingerprint } from '../../shared/ids.ts'
import type { Color, Paint } from '../../shared/output/paint.ts'
import { harmlessLine } from '../../shared/output/terminal-text.ts'
import type { KeyRow, KeyState } from '../pki/key-service.ts'

interface KeyList {
  readonly state: KeyState
  readonly title: string
  /** Salt's name in JSON. */
  readonly field: string
  readonly heading: Color
  readonly color: Color
  /** As typed after -l. */
  readonly words: readonly string[]
}

export const keyLists: readonly KeyList[] = [
  {
    state: 'accepted',
    title: 'Accepted Keys:',
    field: 'minions',
    heading: 'lightGreen',
    color: 'green',
    words: ['acc', 'accepted'],
  },
  {
    state: 'denied',
    title: 'Denied Keys:',
    field: 'minions_denied',
    heading: 'lightMagenta',
    color: 'magenta',
    words: ['den', 'denied'],
  },
  {
    state: 'pending',
    title: 'Unaccepted Keys:',
    field: 'minions_pre',
    heading: 'lightRed',
    color: 'red',
    words: ['pre', 'un', 'unaccepted', 'pending'],
  },
  {
    state: 'rejected',
    title: 'Rejected Keys:',
    field: 'minions_rejected',
    heading: 'lightBlue',
    color: 'blue',
    words: ['rej', 'rejected'],
  },
  {
    state: 'revoked',
    title: 'Revoked Keys:',
    field: 'minions_revoked',
    heading: 'lightYellow',
    color: 'yellow',
    words: ['rev', 'revoked'],
  },
]
/** The order of Salt's JSON. */
const fieldOrder: readonly KeyState[] = ['accepted', 'pending', 'rejected', 'denied', 'revoked']

/** @throws TsaltError `usage-wrong` for what is no list */
export function statesOf(typed: string): readonly KeyState[] {
  if (typed === 'all') return keyLists.map(({ state }) => state)
  const list = keyLists.find(({ words }) => words.some((word) => word === typed.toLowerCase()))
  if (!list) {
    throw new TsaltError(
      'usage-wrong',
      { reason: `There is no list "${typed}"` },
      { hint: 'There are acc, pre (or un), den, rej, rev and all.' },
    )
  }
  return [list.state]
}

/** The revoked list is shown only where it is asked for alone or has a member, so that Salt's form is kept. */
export function keyListLines(
  keys: readonly KeyRow[],
  states: readonly KeyState[],
  paint: Paint,
  fingerprints = false,
): string[] {
  return shownLists(keys, states).flatMap(({ list, rows }) => [
    paint(list.heading, list.title),
    ...rows.map((row) => keyLine(row, list.color, paint, fingerprints)),
  ])
}

function keyLine(row: KeyRow, color: Color, paint: Paint, fingerprints: boolean): string {
  const id = paint(color, harmlessLine(row.id))
  return fingerprints ? `${id}:  ${formatFingerprint(row.fingerprint)}` : id
}

export function keyListData(
  keys: readonly KeyRow[],
  states: readonly KeyState[],
  fingerprints = false,
): Plain {
  const data = new Map<string, Plain>()
  const lists = shownLists(keys, states).sort(
    (a, b) => fieldOrder.indexOf(a.list.state) - fieldOrder.indexOf(b.list.state),
  )
  for (const { list, rows } of lists) {
    const fields = new Map(rows.map((row) => [row.id as string, row.fingerprint as Fingerprint]))
    data.set(list.field, fingerprints ? fields : rows.map((row) => row.id))
  }
  return data
}

function shownLists(
  keys: readonly KeyRow[],
  states: readonly KeyState[],
): { list: KeyList; rows: readonly KeyRow[] }[] {
  return keyLists
    .filter(({ state }) => states.includes(state))
    .map((list) => ({ list, rows: keys.filter(({ state }) => state === list.state).sort(byId) }))
    .filter(({ list, rows }) => list.state !== 'revoked' || rows.length > 0 || states.length === 1)
}

const byId = (a: KeyRow, b: KeyRow): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
