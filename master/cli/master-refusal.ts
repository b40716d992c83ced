/** An error that the master answered with; its code may be of a newer version than this program. */
import type { Place } from '../../shared/data/place.ts'
import { describePlace } from '../../shared/errors/error.ts'

export class MasterRefusal extends Error {
  readonly code: string
  readonly exitCode: number

  constructor(
    code: string,
    message: string,
    exitCode: number,
    more: { readonly hint?: string | undefined; readonly place?: Place | undefined },
  ) {
    const lines = [`${message} [${code}]`]
    if (more.place) lines.push(...describePlace(more.place))
    if (more.hint) lines.push(`  hint: ${more.hint}`)
    super(lines.join('\n'))
    this.name = 'MasterRefusal'
    this.code = code
    this.exitCode = exitCode
  }
}
