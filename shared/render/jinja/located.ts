/** An error on its way out of a template, with the places it passed: the innermost first. */
import type { Place } from '../../data/place.ts'
import { HostWanted } from '../host-log.ts'
import type { TextSource } from '../source-map.ts'

/** A compiled template of one file: what its code needs to name its positions. */
export interface Unit {
  /** Number of its first position; each position of each unit has a number of its own. */
  readonly number: number
  readonly source: TextSource
  /** Name relative to the roots; for a managed file its URL without the scheme. */
  readonly name: string
  /** Offset and end for each position. */
  readonly positions: readonly number[]
}

/** Longer chains of calls are cut. */
const longestChain = 12

export class Located extends Error {
  override readonly cause: unknown
  readonly places: Place[] = []

  constructor(cause: unknown) {
    super('an error in a template')
    this.cause = cause
  }

  add(unit: Unit, position: number): void {
    if (this.places.length >= longestChain) return
    const place = placeOfPosition(unit, position)
    const last = this.places.at(-1)
    if (last?.file !== place.file || last.line !== place.line) this.places.push(place)
  }
}

/** Thrown through a template that needs another one that was not read yet. */
export class TemplateWanted extends Error {
  readonly wanted: string
  constructor(wanted: string) {
    super(`the template "${wanted}" is not read yet`)
    this.wanted = wanted
  }
}

/** What ends a rendering that is to be started again: nothing in a template may take it for an error. */
export type Pause = TemplateWanted | HostWanted

export function isPause(error: unknown): error is Pause {
  return error instanceof TemplateWanted || error instanceof HostWanted
}

export function placeOfPosition(unit: Unit, position: number): Place {
  return unit.source.placeOf(unit.positions[(position - unit.number) * 2] ?? 0)
}
