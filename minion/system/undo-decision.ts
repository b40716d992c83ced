/** What an undo would make of something that is no file: looked at and decided, with the change not yet made. */
import type { Changer } from './changer.ts'

export interface UndoDecision {
  /** `package vim`, `user web`, `command: …` */
  readonly what: string
  readonly kind: 'restored' | 'same' | 'left'
  /** What it becomes, or why it stays. */
  readonly text: string
}

export interface Undoing {
  readonly decisions: readonly UndoDecision[]
  /** Makes all that is `restored`; @throws why none of it could be made. Absent: there is nothing to make. */
  apply?(act: Changer): Promise<void>
}

export const undoingOne = (
  what: string,
  kind: UndoDecision['kind'],
  text: string,
  apply?: (act: Changer) => Promise<void>,
): Undoing => ({ decisions: [{ what, kind, text }], ...(apply ? { apply } : {}) })
