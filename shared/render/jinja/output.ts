/** Text in the making, with the position of each of its parts. */

/** Text that code of a template made, for whoever prints it: its parts keep their positions. */
export interface Made {
  readonly text: string
  /** Offset in the text and number of a position, in turn; empty where nobody asks for positions. */
  readonly marks: readonly number[]
}

export class Output implements Made {
  text = ''
  readonly marks: number[] = []
}
