/** What a reactor file asks for, read and checked. */
import type { Place } from '../../shared/data/place.ts'
import type { Dict, Value } from '../../shared/data/value.ts'
import type { TargetKind } from '../../shared/targeting/target.ts'

interface AnyReaction {
  readonly id: string
  readonly fun: string
  readonly args: readonly Value[]
  readonly kwargs: Dict
  /** Of its function in the file. */
  readonly place: Place | undefined
}

export type Reaction =
  | (AnyReaction & {
      readonly kind: 'local'
      readonly target: { readonly kind: TargetKind; readonly expression: string }
      readonly subset: number | undefined
    })
  | (AnyReaction & { readonly kind: 'runner' })
  | (AnyReaction & { readonly kind: 'wheel' })

/** `local.state.apply` */
export const reactionName = ({ kind, fun }: Reaction): string => `${kind}.${fun}`
