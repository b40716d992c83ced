/** Reads the mine: whom a target means among those that have something, as far as the asker may read it. */
import type { Dict } from '../../shared/data/value.ts'
import { isTsaltError, TsaltError } from '../../shared/errors/error.ts'
import { withoutSecrets } from '../../shared/pillar/without-secrets.ts'
import type { MineData, MineGet } from '../../shared/protocol/messages/mine-get.ts'
import { compileTarget } from '../../shared/targeting/compile-target.ts'
import { TargetError } from '../../shared/targeting/target.ts'
import type { MineRow } from '../store/mine.ts'
import { matchMinions, needsTable, refreshTable } from '../targeting/match.ts'
import type { AcceptedMinion } from '../targeting/resolve.ts'
import { readingOf } from './mine-readers.ts'
import type { MineParts } from './mine-service.ts'
import type { MineShelf } from './mine-shelf.ts'

/** Bytes of values as JSON in one answer: what travels in one message, with room for the rest of it. */
const largestAnswer = 32 * 1024 * 1024

export interface MineReader {
  /** undefined: an operator, who may read all. */
  readonly asker: AcceptedMinion | undefined
  /** False: no pillars can be looked into, as one is being made. */
  readonly pillars: boolean
}

/** @throws TsaltError `mine-target-invalid`, `mine-target-pillar`, `mine-answer-too-large` */
export async function readMine(
  { target, names }: MineGet,
  reader: MineReader,
  parts: MineParts & { readonly shelf: MineShelf },
): Promise<MineData> {
  const accepted = new Map(parts.targeting.accepted().map(({ id, generation }) => [id, generation]))
  const stored = await Promise.all(names.map((name) => parts.shelf.rows(name)))
  const there = stored.flat().filter((row) => accepted.get(row.id) === row.generation)
  const meant = await meantAmong(there, target, reader, parts)
  const mayRead = reader.asker && readingOf(reader.asker, parts, reader.pillars)
  const rows: MineRow[] = []
  for (const row of there) {
    if (!meant.has(row.id)) continue
    if (mayRead === undefined || row.readers === undefined || (await mayRead(row.readers))) rows.push(row)
  }
  const size = rows.reduce((sum, { bytes }) => sum + bytes, 0)
  if (size > largestAnswer)
    throw new TsaltError('mine-answer-too-large', { names: names.join(', '), size, limit: largestAnswer })
  const values = await parts.shelf.values(rows)
  const found = new Map<string, MineData['found'][number]['of']>(names.map((name) => [name, []]))
  for (const { key, name, id } of rows) {
    const value = values.get(key)
    if (value !== undefined) found.get(name)?.push([id, value])
  }
  return { found: [...found].map(([name, of]) => ({ name, of })) }
}

/** Only those that have something are looked at: a pillar is compiled for none of the others. */
async function meantAmong(
  rows: readonly MineRow[],
  target: MineGet['target'],
  { asker, pillars }: MineReader,
  { targeting, log }: MineParts,
): Promise<ReadonlySet<string>> {
  const { table, nodegroups, accepted } = targeting
  try {
    if (target.expression.trim() === '') throw new TargetError('it is empty')
    const compiled = compileTarget({ ...target, nodegroups, exactPillars: asker !== undefined })
    if (compiled.needsPillar && !pillars)
      throw new TargetError('while a pillar is made, no other pillar can be looked into')
    if (needsTable(compiled)) await refreshTable(table, accepted())
    const pillarOf = (minion: AcceptedMinion): Promise<Dict> =>
      asker === undefined ? targeting.pillarOf(minion) : openPart(minion, targeting, log)
    const minions = [...new Map(rows.map(({ id, generation }) => [id, { id, generation }])).values()]
    const matched = await matchMinions({ target, compiled, table, pillarOf }, minions)
    return new Set(matched.map(({ id }) => id))
  } catch (error) {
    throw told(error, target.expression.slice(0, 120))
  }
}

/** Without its secrets, so that nobody finds one out by asking whether this is it. */
async function openPart(
  minion: AcceptedMinion,
  { pillarOf }: MineParts['targeting'],
  log: MineParts['log'],
): Promise<Dict> {
  try {
    return withoutSecrets(await pillarOf(minion))
  } catch (error) {
    log.warn({ err: error, id: minion.id }, 'a pillar that the mine was asked by cannot be compiled')
    // What is wrong with it may quote it, and the asker may not see it.
    throw new Error('cannot be compiled', { cause: error })
  }
}

/** The asker gets no more of an error than its sentence, so the place is in it. */
function told(error: unknown, expression: string): unknown {
  if (error instanceof TargetError) {
    const { message: reason, hint, offset = 0 } = error
    return new TsaltError('mine-target-invalid', { expression, reason, column: offset + 1 }, { hint })
  }
  if (!isTsaltError(error)) return error
  const { id = '', reason = '' } = error.parameters
  if (error.code === 'target-invalid')
    return new TsaltError('mine-target-invalid', { expression, reason, column: error.place?.column ?? 1 })
  return error.code === 'target-pillar'
    ? new TsaltError('mine-target-pillar', { expression, id, reason })
    : error
}
