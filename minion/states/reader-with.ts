/** A reader of which some parts are others. */
import type { Reader } from '../system/reader.ts'

/** Written out, because a spread would lose the members that a reader has from its prototype. */
export function readerWith(look: Reader, others: Partial<Reader>): Reader {
  const { grains, pillar, files, commands, packages, services, accounts, sources } = look
  return { grains, pillar, files, commands, packages, services, accounts, sources, ...others }
}
