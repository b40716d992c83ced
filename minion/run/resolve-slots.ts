/** Gives the arguments of a chunk the values of their slots, by calling the functions that they name. */
import { type Dict, type Key, PyFloat, toValue, traverse, type Value } from '../../shared/data/value.ts'
import { TsaltError } from '../../shared/errors/error.ts'
import { fillSlots, holdsSlot, isSlot, parseSlot, type Slot, slotsIn } from '../../shared/run/slot.ts'
import type { LowChunk } from '../../shared/sls/low.ts'
import type { ModuleContext } from '../modules/contract.ts'
import { callFunction } from './call-function.ts'

export interface SlotContext {
  readonly module: ModuleContext
  /** A dry run calls only functions that change nothing. */
  readonly test: boolean
}

/** Why a dry run cannot give a slot its value. */
export class SlotUnknown {
  readonly reason: string
  constructor(reason: string) {
    this.reason = reason
  }
}

export function hasSlots({ name, args }: Pick<LowChunk, 'name' | 'args'>): boolean {
  if (isSlot(name)) return true
  for (const value of args.values()) if (holdsSlot(value)) return true
  return false
}

/**
 * @returns the chunk as the state gets it; itself where it has no slots
 * @throws TsaltError `slot-invalid`, or of the function
 */
export async function resolveSlots(chunk: LowChunk, context: SlotContext): Promise<LowChunk | SlotUnknown> {
  if (!hasSlots(chunk)) return chunk
  const args: Dict = new Map(chunk.args)
  for (const [key, value] of chunk.args) {
    if (!holdsSlot(value)) continue
    const filled = await resolveValue(value, context)
    if (filled instanceof SlotUnknown) return filled
    args.set(key, filled)
  }
  if (!isSlot(chunk.name)) return { ...chunk, args }
  const name = await resolveValue(chunk.name, context)
  return name instanceof SlotUnknown ? name : { ...chunk, args, name: textOf(name) }
}

export async function resolveValue(value: Value, context: SlotContext): Promise<Value | SlotUnknown> {
  const found = new Map<Key | undefined, Value>()
  for (const { key, text } of slotsIn(value)) {
    const slot = parseSlot(text)
    if (typeof slot === 'string') throw new TsaltError('slot-invalid', { slot: text, reason: slot })
    const known = context.module.services.functions.find(slot.fun)
    if (context.test && known?.readOnly !== true)
      return new SlotUnknown(`${slot.fun} gives one of its arguments, and a dry run does not call it`)
    found.set(key, await slotValue(slot, context.module))
  }
  return fillSlots(value, found)
}

async function slotValue(slot: Slot, module: ModuleContext): Promise<Value> {
  const call: Dict = new Map<Key, Value>([...slot.keywords])
  call.set('args', [...slot.args])
  const { value } = await callFunction(slot.fun, call, module)
  const picked = slot.path === '' ? value : (traverse(toValue(value), slot.path, '.') ?? null)
  return typeof picked === 'string' ? picked + slot.suffix : picked
}

const textOf = (value: Value): string => (value instanceof PyFloat ? value.value.toFixed(1) : String(value))
