/** Execution functions that templates call and that need nothing but their arguments, grains and pillar. */
import type { PureFunction } from '../pure-calls/registry.ts'
import { filterCalls, mergeCalls } from './data-calls.ts'
import { matchCalls } from './match-calls.ts'
import { randomCalls } from './random-calls.ts'
import { textCalls } from './text-calls.ts'

/** By name, as in `salt['grains.filter_by']`. */
export const saltCalls: ReadonlyMap<string, PureFunction> = new Map([
  ...filterCalls,
  ...mergeCalls,
  ...matchCalls(),
  ...randomCalls,
  ...textCalls,
])
