/** Every engine, in the order in which they start. A new one: its folder, its line here. */
import { reactorEngine } from '../reactor/engine.ts'
import { scheduleEngine } from '../schedule/engine.ts'
import type { Engine } from './contract.ts'

export const engines: readonly Engine[] = [reactorEngine, scheduleEngine]
