/** What systemd says of a unit file that is about to be written. Nothing is in its place yet. */
import { isTsaltError } from '../../../shared/errors/error.ts'
import type { Reader } from '../../system/reader.ts'
import { type Decision, failed } from '../contract.ts'

export interface UnitCandidate {
  readonly unit: string
  /** Of a drop-in. */
  readonly dropin?: string | undefined
  readonly text: string
}

/** @returns a failure where systemd refuses it; undefined also where there is nobody to ask */
export async function verifyUnit(
  { unit, dropin, text }: UnitCandidate,
  look: Reader,
): Promise<Decision | undefined> {
  const name = dropin === undefined ? unit : `${unit}.d/${dropin}.conf`
  const complaint = await complaintOf(unit, name, text, look)
  if (complaint === undefined) return undefined
  return failed(
    `${name} was not written, because systemd does not accept it:\n${complaint}`,
    'Correct the unit; what is there is untouched. "verify: False" writes it all the same.',
  )
}

async function complaintOf(
  unit: string,
  name: string,
  text: string,
  look: Reader,
): Promise<string | undefined> {
  try {
    return await look.services.verify?.(unit, new Map([[name, text]]))
  } catch (error) {
    if (isTsaltError(error) && error.code === 'service-manager-absent') return undefined
    throw error
  }
}
